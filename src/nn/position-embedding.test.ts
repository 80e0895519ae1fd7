// Resampling of position embeddings against PyTorch's interpolate(mode="bicubic", antialias=True).

import { expect, test } from "vitest";
import { trainingScope } from "../../test/nn/training-scope.ts";
import { float32 } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { openSession } from "../runtime/session.ts";
import { cubicWeights, resampleGrid } from "./position-embedding.ts";

const UP = [
  [1.079327, -0.079327, 0, 0],
  [0.697947, 0.340234, -0.038181, 0],
  [0.045264, 0.985457, -0.030722, 0],
  [-0.0625, 0.5625, 0.5625, -0.0625],
  [0, -0.030722, 0.985457, 0.045264],
  [0, -0.038181, 0.340234, 0.697947],
  [0, 0, -0.079327, 1.079327],
];
const DOWN = [
  [0.383065, 0.439516, 0.21371, 0, -0.032258, -0.004032, 0],
  [-0.030525, 0.045177, 0.275946, 0.418803, 0.275946, 0.045177, -0.030525],
  [0, -0.004032, -0.032258, 0, 0.21371, 0.439516, 0.383065],
];

test("the weights from 4 points to 7 are PyTorch's", () => {
  expect(cubicWeights(4, 7)).toBeAllClose(UP.flat(), 1e-5);
});

test("the weights from 7 points to 3 are PyTorch's, with antialias", () => {
  expect(cubicWeights(7, 3)).toBeAllClose(DOWN.flat(), 1e-5);
});

test("rows and columns are resampled separately, and each embedding independently", async () => {
  const graph = new GraphBuilder();
  const grid = graph.input("grid", "float32", [1, 16, 2]);
  const session = await openSession(graph.build({ y: resampleGrid(trainingScope(graph), grid, 4, [2, 7]) }));
  // The first embedding grows down the rows, the second along the columns.
  const values = Array.from({ length: 16 }, (_, i) => [Math.floor(i / 4), i % 4]).flat();
  const { y } = await session.run({ grid: float32(values, [1, 16, 2]) });
  await session.release();
  const along = (to: number): number[] => {
    const weights = cubicWeights(4, to);
    return Array.from({ length: to }, (_, i) => [0, 1, 2, 3].reduce((sum, k) => sum + k * (weights[4 * i + k] as number), 0));
  };
  const expected = along(2).flatMap((row) => along(7).flatMap((column) => [row, column]));
  expect(y).toBeAllClose(float32(expected, [1, 14, 2]), 1e-5);
});

test("a grid of the right size is unchanged", () => {
  const graph = new GraphBuilder();
  const grid = graph.input("grid", "float32", [1, 16, 2]);
  expect(resampleGrid(trainingScope(graph), grid, 4, [4, 4])).toBe(grid);
});
