// Runs side by side: what differs is told in words.

import { expect, test } from "vitest";
import { compareRuns } from "./compare-runs.ts";
import type { ComparedRun } from "./compared-run.ts";
import { labelsIn } from "./training-table.ts";

const LABELS = { "a.jpg": "cats", "b.jpg": "cats", "c.jpg": "dogs", "d.jpg": "dogs" };

/** A run on photographs and labels with that fingerprint. */
function run(id: string, fingerprint: string, labels: Readonly<Record<string, string>> | undefined, seed = 1): ComparedRun {
  const recipe = { seed, stages: [], weights: {}, why: {}, data: { fingerprint, classes: 2, train: 8, valid: 2 } };
  const predictions = { files: [], targets: [], outputs: [], tta: undefined };
  const record = { recipe, predictions, events: [{ event: "done", accuracy: 0.9 }] } as unknown as ComparedRun["record"];
  return { id, classes: ["cats", "dogs"], record, labels: labels && new Map(Object.entries(labels)) };
}

function labelsRow(...runs: readonly ComparedRun[]): readonly string[] | undefined {
  return compareRuns(runs, () => undefined).settings.find(({ name }) => name === "labels")?.values;
}

test("runs on other labels say how many labels are new, changed and gone since the first of them", () => {
  const { "d.jpg": gone, ...rest } = LABELS;
  const relabelled = { ...rest, "b.jpg": "dogs", "e.jpg": "cats", "f.jpg": "cats" };
  expect(labelsRow(run("1", "f1", LABELS), run("2", "f2", relabelled))).toEqual(["4", "5: 2 new, 1 changed, 1 gone"]);
  expect(labelsRow(run("1", "f1", LABELS), run("2", "f1", LABELS), run("3", "f2", rest))).toEqual(["4", "4", "3: 1 gone"]);
});

test("runs on the same labels have no row of them, unless their files or what is validated on are others", () => {
  expect(labelsRow(run("1", "f1", LABELS), run("2", "f1", LABELS))).toBeUndefined();
  expect(labelsRow(run("1", "f1", LABELS), run("2", "f2", LABELS))).toEqual(["4", "4: the same; other files or another validation part"]);
});

test("a run whose table of labels is gone is compared without", () => {
  expect(labelsRow(run("1", "f1", LABELS), run("2", "f2", undefined))).toEqual(["4", "–"]);
  expect(labelsRow(run("1", "f1", undefined), run("2", "f2", LABELS))).toEqual(["–", "4"]);
});

test("accuracies are put together only of runs on the same labels", () => {
  const { groups } = compareRuns([run("1", "f1", LABELS), run("2", "f2", LABELS, 2), run("3", "f1", LABELS, 3)], () => undefined);
  expect(groups.map(({ runs }) => runs)).toEqual([["1", "3"], ["2"]]);
});

test("a table of labels is read as it was written", () => {
  const csv = new TextEncoder().encode('"name","label"\n"a ""b"", c.jpg","cats"\n');
  expect([...(labelsIn(csv) ?? [])]).toEqual([['a "b", c.jpg', "cats"]]);
});

test.each([
  ["is empty", ""],
  ["ends within a cell", '"name","label"\n"a.jpg","ca'],
  ["ends within a row", '"name","label"\n"a.jpg","cats"\n"b.jpg"'],
  ["has no labels", '"name"\n"a.jpg"\n'],
  ["was overwritten with zeros", "\0".repeat(40)],
])("a table of labels that %s counts as gone", (_, text) => {
  expect(labelsIn(new TextEncoder().encode(text))).toBeUndefined();
});
