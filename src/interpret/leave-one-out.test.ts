import { expect, test } from "vitest";
import type { Progress } from "../core/progress.ts";
import { randomStream } from "../core/random.ts";
import { leaveOneOut, leaveOneOutOfEach } from "./leave-one-out.ts";
import { inverse } from "./symmetric.ts";

/** The solution of A·x = b for each column of b, by elimination; A is positive definite. */
function solve(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] {
  const rows = a.map((row, i) => [...row, ...b[i]!]);
  for (const [i, pivot] of rows.entries())
    for (const [k, row] of rows.entries()) {
      if (k === i) continue;
      const factor = row[i]! / pivot[i]!;
      for (let j = 0; j < row.length; j++) row[j]! -= factor * pivot[j]!;
    }
  return rows.map((row, i) => row.slice(a.length).map((value) => value / row[i]!));
}

/** The scores of row `left` by ridge regression on the others, with an intercept that has no penalty. */
function scoresWithout(
  left: number,
  points: readonly (readonly number[])[],
  labels: readonly number[],
  classes: number,
  penalty: number,
): number[] {
  const others = points.flatMap((point, row) => (row === left ? [] : [{ point: [1, ...point], label: labels[row]! }]));
  const size = points[0]!.length + 1;
  const square = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => others.reduce((sum, { point }) => sum + point[i]! * point[j]!, i === j && i > 0 ? penalty : 0)),
  );
  const right = Array.from({ length: size }, (_, i) =>
    Array.from({ length: classes }, (_, label) => others.reduce((sum, other) => sum + (other.label === label ? other.point[i]! : 0), 0)),
  );
  const weights = solve(square, right);
  return Array.from({ length: classes }, (_, label) =>
    [1, ...points[left]!].reduce((sum, value, i) => sum + value * weights[i]![label]!, 0),
  );
}

test.each([
  [14, 4],
  [9, 15],
])("with %i rows of %i features each row's scores are those of a fit on all others", async (rows, width) => {
  const random = randomStream("leave one out", rows);
  const classes = 3;
  const labels = Array.from({ length: rows }, (_, row) => row % classes);
  const drawn = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: width }, (_, i) => random.normal() + (i % classes === row % classes ? 0.3 : 0)),
  );
  const means = drawn[0]!.map((_, i) => drawn.reduce((sum, point) => sum + point[i]! / rows, 0));
  const points = drawn.map((point) => point.map((value, i) => value - means[i]!));
  const penalty = points.flat().reduce((sum, value) => sum + value ** 2, 0) / Math.min(rows, width);
  const probabilities = await leaveOneOut(Float32Array.from(points.flat()), labels, { classes });
  // The softmax's temperature is unknown: the same for all rows.
  const differences = points.flatMap((_, row) => {
    const scores = scoresWithout(row, points, labels, classes, penalty);
    const logs = Array.from(probabilities.subarray(row * classes, (row + 1) * classes), Math.log);
    return [1, 2].map((label) => [scores[label]! - scores[0]!, logs[label]! - logs[0]!] as const);
  });
  const scale = differences.reduce((sum, [a, b]) => sum + a * b, 0) / differences.reduce((sum, [a]) => sum + a * a, 0);
  expect(scale).toBeGreaterThan(0.5);
  for (const [a, b] of differences) expect(b).toBeCloseTo(scale * a, 3);
});

test.each([5, 40])("several labellings of %i columns are answered as each alone", async (width) => {
  const random = randomStream("labellings", width);
  const values = Float32Array.from({ length: 20 * width }, () => random.normal());
  const labellings = [0, 1].map((shift) => Array.from({ length: 20 }, (_, row) => (row * (1 + shift)) % 3));
  const together = await leaveOneOutOfEach(values, labellings, { classes: 3 });
  for (const [k, labels] of labellings.entries()) expect(together[k]).toEqual(await leaveOneOut(values, labels, { classes: 3 }));
});

test("features that are all 0 make all classes equally probable, but for their numbers", async () => {
  const probabilities = await leaveOneOut(new Float32Array(40), [0, 0, 0, 0, 0, 1, 1, 1, 1, 1], { classes: 2 });
  for (const probability of probabilities) expect(probability).toBeCloseTo(0.5, 1);
});

test("it reports its work up to the end, and stops when it is told to", async () => {
  const values = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
  const labels = Array.from({ length: 20 }, (_, row) => row % 2);
  const seen: Progress[] = [];
  await leaveOneOutOfEach(values, [labels, labels], { classes: 2, onProgress: (progress) => seen.push(progress) });
  expect(seen.at(-1)).toMatchObject({ done: 80, total: 80 });
  // The probabilities of each labelling take as long as the fit where there are many classes.
  expect(seen.filter((progress) => progress.done > 60)).toHaveLength(2);
  const done = seen.map((progress) => progress.done);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  await expect(leaveOneOut(values, labels, { classes: 2, signal: AbortSignal.abort(new Error("stopped")) })).rejects.toThrow("stopped");
});

test("a matrix times its inverse is the identity, also if most of its eigenvalues are tiny", async () => {
  const size = 30;
  const direction = Float64Array.from({ length: size }, (_, i) => Math.cos(i));
  const matrix = Float32Array.from({ length: size * size }, (_, i) => direction[Math.floor(i / size)]! * direction[i % size]!);
  const inverted = await inverse(matrix, size, 0.1, {}, () => {});
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += (matrix[i * size + k]! + (i === k ? 0.1 : 0)) * inverted[k * size + j]!;
      expect(sum).toBeCloseTo(i === j ? 1 : 0, 3);
    }
});
