// Zeros around a map, then maxima, in a file from elsewhere: against the same maxima worked out by hand.

import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { runStages } from "../../../test/nn/run-stages.ts";
import { AttributeProto_AttributeType as Kind, ModelProtoSchema } from "../../../test/reference/onnx-proto/onnx_pb.ts";
import { float32 } from "../../core/tensor.ts";
import { importOnnx } from "./import.ts";

const SIDE = 4;

/** A 1×1 convolution from three channels to one, zeros at the right and lower edge, maxima of 2×2, a convolution and a classifier. */
function file(filler: number | undefined): Uint8Array {
  const ints = (name: string, values: readonly number[]) => ({ name, type: Kind.INTS, ints: values.map(BigInt) });
  const floats = (name: string, dims: readonly number[], values: readonly number[]) => ({
    name,
    dataType: 1,
    dims: dims.map(BigInt),
    floatData: [...values],
  });
  const image = (name: string, sizes: readonly number[]) => ({
    name,
    type: {
      value: {
        case: "tensorType" as const,
        value: { elemType: 1, shape: { dim: sizes.map((size) => ({ value: { case: "dimValue" as const, value: BigInt(size) } })) } },
      },
    },
  });
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: "", version: 17n }],
    graph: {
      name: "padded",
      input: [image("x", [1, 3, SIDE, SIDE])],
      output: [image("logits", [1, 2])],
      initializer: [
        floats("first", [1, 3, 1, 1], [1, 0, 0]),
        { name: "pads", dataType: 7, dims: [8n], int64Data: [0n, 0n, 0n, 0n, 0n, 0n, 1n, 1n] },
        ...(filler === undefined ? [] : [floats("filler", [], [filler])]),
        floats("second", [1, 1, 1, 1], [1]),
        floats("weight", [2, 1], [1, 2]),
        floats("bias", [2], [0, 0]),
      ],
      node: [
        { opType: "Conv", name: "c1", input: ["x", "first"], output: ["a"] },
        { opType: "Pad", name: "pad", input: ["a", "pads", ...(filler === undefined ? [] : ["filler"])], output: ["b"] },
        {
          opType: "MaxPool",
          name: "pool",
          input: ["b"],
          output: ["c"],
          attribute: [ints("kernel_shape", [2, 2]), ints("strides", [1, 1])],
        },
        { opType: "Conv", name: "c2", input: ["c", "second"], output: ["d"] },
        { opType: "GlobalAveragePool", name: "mean", input: ["d"], output: ["e"] },
        { opType: "Flatten", name: "flat", input: ["e"], output: ["f"] },
        {
          opType: "Gemm",
          name: "fc",
          input: ["f", "weight", "bias"],
          output: ["logits"],
          attribute: [{ name: "transB", type: Kind.INT, i: 1n }],
        },
      ],
    },
  });
  return toBinary(ModelProtoSchema, model);
}

test.each([
  ["without a value", undefined, 0],
  ["of zeros", 0, 0],
  ["of another value", -2, -2],
] as const)("maxima of negative values see padding %s", async (_, filler, seen) => {
  const { architecture } = await importOnnx("padded.onnx", file(filler), () => new Uint8Array());
  const { body, parameters } = architecture;
  const images = float32(new Float32Array(3 * SIDE * SIDE).fill(-3), [1, 3, SIDE, SIDE]);
  const { data } = await runStages(body, parameters, images);
  const edge = (i: number): boolean => i % SIDE === SIDE - 1 || i >= SIDE * (SIDE - 1);
  expect(Array.from(data as Float32Array)).toEqual(Array.from({ length: SIDE * SIDE }, (_, i) => expect.closeTo(edge(i) ? seen : -3, 6)));
});
