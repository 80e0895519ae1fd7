// A program that uses onnxruntime-node itself, in the version that thaw contains, can use thaw too.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { float32 } from "../src/core/index.ts";
import { GraphBuilder } from "../src/graph/index.ts";
import { openSession } from "../src/runtime/index.ts";

test("thaw's engine and the program's own run side by side, and each returns its own tensors", async () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [2]);
  const session = await openSession(graph.build({ y: graph.add("Add", [x, x]) }), { device: "cpu" });
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const own = await InferenceSession.create(await readFile(new URL("onnx/keras.legacy17.onnx", import.meta.url)));
  const { y } = await session.run({ x: float32([1, 2]) });
  expect(y).toBeAllClose([2, 4], 1e-6);
  const shape = own.inputMetadata
    .flatMap((input) => (input.isTensor ? input.shape : []))
    .map((side) => (typeof side === "number" ? side : 1));
  const size = shape.reduce((product, side) => product * side, 1);
  const answers = await own.run({ [own.inputNames[0] as string]: new Tensor("float32", new Float32Array(size), shape) });
  expect(answers[own.outputNames[0] as string]).toBeInstanceOf(Tensor);
  await session.release();
  await own.release();
});
