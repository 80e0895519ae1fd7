// What several labels and numbers are taught and measured by: PyTorch's losses and slopes, and measures by hand. test/reference/targets.json
// says with make_targets.py how its numbers were made.

import { expect, test } from "vitest";
import { gradientsOf } from "../../../test/check-gradient.ts";
import reference from "../../../test/reference/targets.json" with { type: "json" };
import { scaleOf, unscale } from "../../classifier/targets.ts";
import { float32 } from "../../core/tensor.ts";
import type { Item } from "../../data/dataset/items.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { binaryCrossEntropy, type Loss, l1, meanSquaredError } from "../../graph/losses.ts";
import type { Value } from "../../graph/types.ts";
import { isBetter } from "../loop/loop.ts";
import { classTask, labelsTask, numbersTask } from "./task.ts";

const [ROWS, COLUMNS] = [6, 4];
const logits = Float32Array.from(reference.logits);
const item = (target: Partial<Item>): Item => ({ file: "", name: "", label: -1, ...target });
const rowsOf = (values: readonly number[]): number[][] =>
  Array.from({ length: ROWS }, (_, row) => values.slice(row * COLUMNS, (row + 1) * COLUMNS));
const labelled = rowsOf(reference.labels).map((row) => item({ labels: row.flatMap((on, label) => (on === 1 ? [label] : [])) }));
const numbered = rowsOf(reference.numbers).map((values) => item({ values }));
const UNSCALED = { mean: [0, 0, 0, 0], std: [1, 1, 1, 1] };

test.each<[string, (graph: GraphBuilder, output: Value, target: Value) => Loss, readonly number[], { loss: number; gradient: number[] }]>([
  ["binary cross-entropy", binaryCrossEntropy, reference.labels, reference.binaryCrossEntropy],
  ["the mean squared error", meanSquaredError, reference.numbers, reference.meanSquaredError],
  ["the mean absolute error", l1, reference.numbers, reference.l1],
])("%s and its slope are PyTorch's", async (_, lossOf, targets, expected) => {
  const target = float32(targets, [ROWS, COLUMNS]);
  const { gradients } = await gradientsOf(
    { x: float32(logits, [ROWS, COLUMNS]) },
    (graph, { x }) => lossOf(graph, x as Value, graph.constant(target)).loss,
    float32(1),
  );
  expect(gradients.x).toBeAllClose(expected.gradient, 1e-5);
});

test("several labels are measured as PyTorch's numbers say", () => {
  const { loss, accuracy, metrics } = labelsTask(COLUMNS, 0.5).measure(labelled, logits);
  expect(loss).toBeCloseTo(reference.binaryCrossEntropy.loss, 5);
  expect(accuracy).toBeCloseTo(reference.accuracyThresh, 6);
  expect(metrics?.f1).toBeCloseTo(reference.f1, 6);
  const task = labelsTask(COLUMNS, 0.5);
  const probabilities = task.activate(logits);
  expect(task.measureActivated(labelled, probabilities).loss).toBeCloseTo(loss, 5);
});

test("numbers are measured as PyTorch's numbers say", () => {
  expect(numbersTask(["a", "b", "c", "d"], UNSCALED, "mse").measure(numbered, logits).loss).toBeCloseTo(reference.meanSquaredError.loss, 5);
  expect(numbersTask(["a", "b", "c", "d"], UNSCALED, "l1").measure(numbered, logits).loss).toBeCloseTo(reference.l1.loss, 5);
  const column = (values: ArrayLike<number>) => Array.from(values).filter((_, i) => i % COLUMNS === 0);
  const first = column(reference.numbers).map((value) => item({ values: [value] }));
  const { metrics } = numbersTask(["a"], { mean: [0], std: [1] }, "mse").measure(first, Float32Array.from(column(logits)));
  for (const name of ["rmse", "mae", "r2"] as const) expect(metrics?.[name]).toBeCloseTo(reference[name], 5);
});

test("numbers are learnt in standard deviations and predicted in their units", () => {
  const scale = scaleOf([
    [1000, 7],
    [3000, 7],
  ]);
  expect(scale).toEqual({ mean: [2000, 7], std: [1000, 1] });
  const task = numbersTask(["a", "b"], scale, "mse");
  const items = [item({ values: [1000, 7] }), item({ values: [3000, 7] })];
  expect([...task.targets(items).data]).toEqual([-1, 0, 1, 0]);
  expect([...unscale(task.targets(items).data, scale)]).toEqual([1000, 7, 3000, 7]);
  const { loss, accuracy, metrics } = task.measure(items, Float32Array.of(0, 0, 1, 0));
  expect([loss, accuracy]).toEqual([0.25, Number.NaN]);
  expect(metrics).toEqual({ r2: 0.75, "rmse a": Math.sqrt(1000 ** 2 / 2), "rmse b": 0 });
});

test("a row without labels, where none is predicted, counts as right; F2 takes the best of Planet's thresholds", () => {
  const f = (probabilities: number[], labels: number[]) =>
    labelsTask(2, 0.5).measureActivated([item({ labels })], Float32Array.from(probabilities)).metrics;
  expect(f([0.1, 0.1], [])).toEqual({ accuracy: 1, f1: 1, f2: 1 });
  expect(f([0.195, 0.1], [0])).toEqual({ accuracy: 0.5, f1: 0, f2: 1 });
  expect(f([0.9, 0.195], [0])).toEqual({ accuracy: 1, f1: 1, f2: 1 });
  expect(f([0.9, 0.9], [0])?.f2).toBeCloseTo(5 / 6, 10);
});

test("one class per image has no measure but the accuracy", () => {
  expect(Object.keys(classTask(2).measure([item({ label: 1 })], Float32Array.of(0, 1)))).toEqual(["loss", "accuracy"]);
});

test("the better epoch has the higher accuracy, then the lower loss; without accuracy the loss alone decides, and NaN is never better", () => {
  const of = (accuracy: number, validLoss: number) => ({ accuracy, validLoss });
  const none = Number.NaN;
  expect(isBetter(of(0.9, 2), of(0.8, 1))).toBe(true);
  expect(isBetter(of(0.9, 1), of(0.9, 2))).toBe(true);
  expect(isBetter(of(0.9, 1), of(0.9, 1))).toBe(false);
  expect(isBetter(of(none, 1), of(none, 2))).toBe(true);
  expect(isBetter(of(none, 2), of(none, 1))).toBe(false);
  expect(isBetter(of(1, none), of(0, 9))).toBe(false);
  expect(isBetter(of(0, 9), of(1, none))).toBe(true);
  expect(isBetter(of(none, none), of(none, none))).toBe(false);
});
