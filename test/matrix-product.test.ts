// ONNX Runtime's WebAssembly with faster matrix products (scripts/matrix-product.mjs) beside the one that its package has.

import { readFile } from "node:fs/promises";
import * as original from "onnxruntime-web";
import { expect, onTestFinished, test } from "vitest";
import * as vendored from "#onnxruntime-web/node";
import { withFasterProducts } from "../scripts/matrix-product.mjs";
import { encodeModel, GraphBuilder } from "../src/graph/index.ts";

const FILE = "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm";
const numbers = (count: number, factor: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * factor));

async function productOf(
  ort: typeof original,
  a: Float32Array,
  b: Float32Array,
  [rows, depth, columns]: readonly [number, number, number],
) {
  ort.env.wasm.numThreads = 1;
  const graph = new GraphBuilder();
  const [x, y] = [graph.input("x", "float32", [rows, depth]), graph.input("y", "float32", [depth, columns])];
  const model = encodeModel(graph.build({ z: graph.add("MatMul", [x, y]) }));
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  onTestFinished(() => session.release());
  const { z } = await session.run({ x: new ort.Tensor("float32", a, [rows, depth]), y: new ort.Tensor("float32", b, [depth, columns]) });
  return z?.data as Float32Array;
}

// Odd and even rows and steps, columns that fill vectors and that do not, and more steps than are summed at a time.
test.each([
  [1, 9, 49],
  [2, 2, 16],
  [3, 7, 5],
  [4, 96, 33],
  [5, 131, 48],
  [64, 300, 200],
] as const)("a product of %i rows, %i steps and %i columns is right, and to the bit that of the package's own file", async (...shape) => {
  const [rows, depth, columns] = shape;
  const [a, b] = [numbers(rows * depth, 1.7), numbers(depth * columns, 0.3)];
  const ours = await productOf(vendored, a, b, shape);
  const exact = Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return Array.from({ length: depth }, (_, k) => (a[row * depth + k] as number) * (b[k * columns + column] as number)).reduce(
      (x, y) => x + y,
    );
  });
  expect(ours).toBeAllClose(exact, 1e-4);
  expect(ours).toEqual(await productOf(original, a, b, shape));
});

test("a file without their loops is refused", async () => {
  const faster = withFasterProducts(await readFile(new URL(`../node_modules/${FILE}`, import.meta.url)));
  expect(() => withFasterProducts(faster)).toThrow("0 loops of matrix products were found instead of 2");
});
