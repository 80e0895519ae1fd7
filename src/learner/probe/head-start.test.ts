import { expect, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import { tensor } from "../../core/tensor.ts";
import { BATCH_NORM_EPSILON } from "../../nn/layers.ts";
import { type Parameters, parameterOf } from "../../nn/scope.ts";
import { type LinearModel, predictLinear } from "./fit-linear.ts";
import { canStartFromProbe, startingFromProbe } from "./head-start.ts";

const [WIDTH, HIDDEN, OUTPUTS, ROWS] = [6, 64, 5, 200];
const random = randomStream(1, "head");
const drawn = (...shape: number[]) =>
  tensor(
    "float32",
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
  );

const probe: LinearModel = {
  weight: drawn(OUTPUTS, WIDTH),
  bias: drawn(OUTPUTS),
  mean: Float64Array.from({ length: WIDTH }, () => random.normal()),
  std: Float64Array.from({ length: WIDTH }, () => random.uniform(0.5, 2)),
  l2: 0.1,
  strengths: [],
  evaluations: 0,
};
const features = drawn(ROWS, WIDTH);
const outputs = await predictLinear(probe, features);
const before: Parameters = new Map([
  ["head.fc0.weight", drawn(HIDDEN, WIDTH)],
  ["head.fc0.bias", drawn(HIDDEN)],
]);
const network = (hidden: readonly number[], count: number) => ({ head: { hidden, ps: [0.25, 0.5] }, outputs: count });

/** The head's outputs for a row, with its hidden units, standardised, multiplied by `mask`. */
function run(parameters: Parameters, row: Float32Array, mask: (unit: number) => number): number[] {
  const data = (name: string) => parameterOf(parameters, `head.${name}`).data as Float32Array;
  const normed = (name: string, i: number, x: number) =>
    (x - data(`${name}.running_mean`)[i]!) / Math.sqrt(data(`${name}.running_var`)[i]! + BATCH_NORM_EPSILON);
  const dense = (name: string, x: readonly number[], unit: number) =>
    x.reduce((sum, value, i) => sum + value * data(`${name}.weight`)[unit * x.length + i]!, data(`${name}.bias`)[unit]!);
  const first = [...row].map((value, i) => normed("bn0", i, value));
  const hidden = Array.from({ length: HIDDEN }, (_, unit) => mask(unit) * normed("bn1", unit, Math.max(0, dense("fc0", first, unit))));
  return Array.from({ length: OUTPUTS }, (_, k) => dense("fc1", hidden, k));
}

const started = startingFromProbe(network([HIDDEN], OUTPUTS), before, probe, outputs);
const rowOf = (values: Float32Array, row: number, width: number) => values.subarray(row * width, (row + 1) * width);

test("the head's outputs are the probe's", () => {
  for (let row = 0; row < ROWS; row++)
    for (const [k, value] of run(started, rowOf(features.data, row, WIDTH), () => 1).entries())
      expect(value).toBeCloseTo(outputs[row * OUTPUTS + k]!, 3);
});

test("dropout of half of the hidden units leaves most answers as they are", () => {
  const best = (values: ArrayLike<number>) => Array.from(values).indexOf(Math.max(...Array.from(values)));
  let same = 0;
  for (let row = 0; row < ROWS; row++) {
    const mask = Array.from({ length: HIDDEN }, () => (random.chance(0.5) ? 0 : 2));
    const dropped = run(started, rowOf(features.data, row, WIDTH), (unit) => mask[unit]!);
    if (best(dropped) === best(rowOf(outputs, row, OUTPUTS))) same++;
  }
  // With a pair of units for each output, it would be little more than half.
  expect(same / ROWS).toBeGreaterThan(0.75);
});

test("there must be a pair of hidden units for each output", () => {
  const can = (hidden: readonly number[], count: number) => canStartFromProbe(network(hidden, count));
  expect([can([6], 3), can([5], 3), can([], 3), can([6, 6], 3)]).toEqual([true, false, true, false]);
});
