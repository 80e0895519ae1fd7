// The rewritten operator gives the same values on WebAssembly, which Node can run too.

import { expect, test } from "vitest";
import { openSession } from "../runtime/session.ts";
import { GraphBuilder } from "./builder.ts";
import { ONNX_TYPES } from "./element-types.ts";
import { forWasm } from "./wasm.ts";

test("bytes become floats without Cast, and every byte keeps its value; other casts stay", async () => {
  const graph = new GraphBuilder();
  const [bytes, floats] = [graph.input("bytes", "uint8", [1, 256]), graph.input("floats", "float32", [2])];
  const cast = graph.add("Cast", [bytes], { to: ONNX_TYPES.float32 });
  const positive = graph.add("Cast", [graph.add("Greater", [floats, graph.scalar(0)])], { to: ONNX_TYPES.float32 });
  const built = graph.build({ cast, positive });
  expect(forWasm(built).nodes.map(({ op }) => op)).toEqual(["DequantizeLinear", "Greater", "Cast"]);
  const session = await openSession(built, { device: "wasm", threads: 1 });
  const found = await session.run({
    bytes: { type: "uint8", shape: [1, 256], data: Uint8Array.from({ length: 256 }, (_, i) => i) },
    floats: { type: "float32", shape: [2], data: Float32Array.of(3, -3) },
  });
  await session.release();
  expect(found.cast).toMatchObject({ type: "float32", shape: [1, 256], data: Float32Array.from({ length: 256 }, (_, i) => i) });
  expect(found.positive?.data).toEqual(Float32Array.of(1, 0));
});

test("the output of the graph keeps its name", () => {
  const graph = new GraphBuilder();
  const built = graph.build({ y: graph.add("Cast", [graph.input("x", "uint8", [2])], { to: ONNX_TYPES.float32 }) });
  expect(forWasm(built).outputs).toEqual(built.outputs);
});
