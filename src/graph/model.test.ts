// Model files: a round trip, and the errors for bytes that are not a model.

import fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "../core/errors.ts";
import { float32, full, int64, tensor } from "../core/tensor.ts";
import { backward } from "./backward.ts";
import { GraphBuilder } from "./builder.ts";
import { lower } from "./lower.ts";
import { decodeModel, encodeModel } from "./model.ts";
import { float } from "./types.ts";

function everyKind() {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", ["batch", 2, 4, 4]);
  const weight = graph.constant(tensor("float32", [3, 2, 1, 1], Float32Array.of(1, -0, 3.5, 1e-30, 5, 6)), "weight");
  const y = graph.add("Conv", [x, weight, undefined], { strides: [2, 2], auto_pad: "SAME_UPPER" }, { name: "conv" });
  const clipped = graph.add("Clip", [y, undefined, graph.scalar(6)]);
  const product = graph.add("FusedMatMul", [clipped, clipped], { transB: 1, alpha: float(0.5) }, { domain: "com.microsoft" });
  const filled = graph.add("ConstantOfShape", [graph.constant(int64([2]))], { value: { kind: "tensor", value: float32([3]) } });
  const types = (["uint8", "int8", "int32", "bool"] as const).map((type) =>
    graph.add("Identity", [
      graph.constant(
        tensor(
          type,
          [2],
          { uint8: Uint8Array.of(1, 255), int8: Int8Array.of(-1, 1), int32: Int32Array.of(-7, 7), bool: Uint8Array.of(0, 1) }[type],
        ),
      ),
    ]),
  );
  return graph.build({ product, filled, ...Object.fromEntries(types.map((value, i) => [`type${i}`, value])) });
}

test("a graph survives the round trip through bytes", () => {
  const graph = everyKind();
  const read = decodeModel(encodeModel(graph));
  expect(read.nodes).toEqual(graph.nodes);
  expect(read.inputs).toEqual(graph.inputs);
  expect(read.outputs).toEqual(graph.outputs);
  expect(read.constants).toEqual(graph.constants);
  expect(read.types).toEqual(graph.types);
});

test("bytes that are not a model are a UsageError with a clear message", () => {
  const failure = catching(() => decodeModel(new TextEncoder().encode("PK\u0003\u0004 this is a zip file")));
  expect(failure).toBeInstanceOf(UsageError);
  expect(failure).toMatchObject({ message: "The file is not an ONNX model, or is cut off", hint: "Export or download it again." });
  expect(catching(() => decodeModel(new Uint8Array()))).toMatchObject({ message: "The ONNX file has no graph" });
});

test("a damaged model gives a model, a UsageError or an error that names a node, and never another failure", () => {
  const bytes = encodeModel(everyKind());
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }), fc.boolean(), (at, value, cut) => {
      const damaged = cut ? bytes.slice(0, at) : bytes.with(at, value);
      const failure = catching(() => decodeModel(damaged));
      if (failure !== undefined && !(failure instanceof UsageError)) expect(String(failure)).toMatch(/^Error: (Operator|Cannot infer)/);
    }),
    { numRuns: 300 },
  );
});

test("a tensor of an unsupported type or in another file is refused by name", () => {
  const graph = new GraphBuilder();
  const built = graph.build({ y: graph.add("Exp", [graph.constant(full([100], 1), "weights")]) });
  const bytes = encodeModel(built);
  // data_type 1 (float32) of the tensor becomes 11 (double).
  const at = bytes.findIndex((_, i) => bytes[i] === 0x08 && bytes[i + 1] === 100 && bytes[i + 2] === 0x10 && bytes[i + 3] === 1);
  const other = bytes.with(at + 3, 11);
  expect(at).toBeGreaterThan(0);
  expect(catching(() => decodeModel(other))).toMatchObject({ message: 'The ONNX tensor "weights" has a type that thaw does not support' });
});

test("a gradient that is still a custom operator is not written, but its lowered form is", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [1, 1, 4, 4]);
  const loss = graph.add("ReduceSum", [graph.add("MaxPool", [x], { kernel_shape: [2, 2] })], { keepdims: 0 });
  const trained = backward(graph.build({ loss }), "loss", ["x"]);
  expect(catching(() => encodeModel(trained))).toMatchObject({ message: expect.stringMatching(/MaxPoolGrad .* lower\(graph\)/) });
  expect(decodeModel(encodeModel(lower(trained))).outputs.map(({ name }) => name)).toEqual(["loss", "x.gradient"]);
});

function catching(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
