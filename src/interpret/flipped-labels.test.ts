import { expect, test } from "vitest";
import { randomStream } from "../core/random.ts";
import { flippedLabels, flipTest } from "./flipped-labels.ts";
import { rankLabels } from "./label-errors.ts";
import { leaveOneOutOfEach } from "./leave-one-out.ts";

const CLASSES = 3;
const labels = Array.from({ length: 240 }, (_, i) => i % CLASSES);

test("a twentieth of the labels becomes another class, in rounds that make a hundred changes, drawn with the seed", () => {
  const rounds = flippedLabels(labels, CLASSES, 7);
  expect(rounds).toHaveLength(5);
  for (const { labels: turned, changed } of rounds) {
    expect(changed.size).toBe(12);
    expect(new Set(labels.flatMap((label, i) => (turned[i] === label ? [] : [i])))).toEqual(changed);
    expect([...turned].every((label) => label >= 0 && label < CLASSES)).toBe(true);
  }
  expect(new Set(rounds.map(({ changed }) => [...changed].sort().join())).size).toBe(5);
  expect(flippedLabels(labels, CLASSES, 7)).toEqual(rounds);
  expect(flippedLabels(labels, CLASSES, 8)).not.toEqual(rounds);
  expect(
    flippedLabels(
      Array.from({ length: 4000 }, () => 0),
      2,
      1,
    ),
  ).toHaveLength(1);
  expect(flippedLabels(labels, 1, 7)).toEqual([]);
});

test("classes far apart: changed labels are found and nothing else is called wrong; classes alike: what is called wrong is so by chance", async () => {
  const width = 6;
  const search = async (apart: number) => {
    const random = randomStream("flips", 3);
    const values = Float32Array.from({ length: labels.length * width }, (_, i) => {
      const label = labels[Math.floor(i / width)];
      return random.normal() + (i % CLASSES === label ? apart : 0) - apart / CLASSES;
    });
    const rounds = flippedLabels(labels, CLASSES, 1);
    const all = await leaveOneOutOfEach(
      values,
      rounds.map((round) => round.labels),
      { classes: CLASSES },
    );
    return flipTest(
      rounds,
      all.map((probabilities, k) => rankLabels(probabilities, rounds[k]!.labels)),
    );
  };
  const apart = await search(8);
  expect(apart).toMatchObject({ share: 0.05, changed: 60, called: apart.found });
  expect(apart.found).toBeGreaterThanOrEqual(57);
  const alike = await search(0);
  expect(alike.changed).toBe(60);
  // A third of all other labels is as probable by chance, whether a label is changed or not.
  expect(alike.found / alike.called).toBeLessThan(0.15);
});
