// Files that normalise their own images: thaw finds out in which range they take colours, and their features are those of the plain file.

import { readFileSync } from "node:fs";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ONNX_SIZE, onnxPath } from "../../../test/fixtures/onnx-models.ts";
import { runStages } from "../../../test/nn/run-stages.ts";
import { uniforms } from "../../../test/reference/formula.ts";
import {
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
} from "../../../test/reference/onnx-proto/onnx_pb.ts";
import { float32, type Tensor } from "../../core/tensor.ts";
import type { Architecture } from "../scope.ts";
import { importOnnx } from "./import.ts";

type Node = MessageInitShape<typeof NodeProtoSchema>;

const FILE = "convolutions.legacy17.batches.onnx";
const PIXELS = uniforms("colours", 3 * ONNX_SIZE * ONNX_SIZE, (u) => u);

/** The file whose first layer reads `last`, which `nodes` compute from the images. */
function withNodes(
  nodes: readonly Node[],
  last: string,
  constants: Readonly<Record<string, readonly number[]>>,
  bytes = false,
): Uint8Array {
  const model = fromBinary(ModelProtoSchema, readFileSync(onnxPath(FILE)));
  const { graph } = model;
  if (!graph) throw new Error("no graph");
  for (const node of graph.node) node.input = node.input.map((name) => (name === "x" ? last : name));
  graph.node.unshift(...nodes.map((node) => create(NodeProtoSchema, node)));
  for (const [name, values] of Object.entries(constants)) {
    const dims = name.startsWith("norm.") ? [BigInt(values.length)] : [1n, BigInt(values.length), 1n, 1n];
    graph.initializer.push(create(TensorProtoSchema, { name, dataType: 1, dims, floatData: [...values] }));
  }
  if (bytes && graph.input[0]?.type?.value.case === "tensorType") graph.input[0].type.value.value.elemType = 2;
  return toBinary(ModelProtoSchema, model);
}

const mean = [0.485, 0.456, 0.406];
const std = [0.229, 0.224, 0.225];
const cast: Node = { opType: "Cast", name: "cast", input: ["x"], output: ["float"], attribute: [{ name: "to", type: Kind.INT, i: 1n }] };
const node = (opType: string, ...[input, constant, output]: [string, string, string]): Node => ({
  opType,
  name: output,
  input: [input, constant],
  output: [output],
});

/** The body's output for the colours, normalised as the architecture says. */
async function featuresOf({ body, parameters, mean: centre, std: spread }: Architecture): Promise<Tensor> {
  const plane = ONNX_SIZE * ONNX_SIZE;
  const images = Float32Array.from(PIXELS, (value, i) => {
    const channel = Math.floor(i / plane) as 0 | 1 | 2;
    return (value - centre[channel]) / spread[channel];
  });
  return runStages(body, parameters as NonNullable<typeof parameters>, float32(images, [1, 3, ONNX_SIZE, ONNX_SIZE]));
}

const norm: Node = {
  opType: "BatchNormalization",
  name: "norm",
  input: ["x", "norm.scale", "norm.shift", "norm.mean", "norm.variance"],
  output: ["a"],
};

test.each([
  ["Sub and Div", [node("Sub", "x", "mean", "a"), node("Div", "a", "std", "b")], "b", { mean, std }, 1],
  [
    "a scale from 255, then Sub and Div",
    [node("Mul", "x", "scale", "a"), node("Sub", "a", "mean", "b"), node("Div", "b", "std", "c")],
    "c",
    { scale: [1 / 255], mean, std },
    255,
  ],
  [
    "batch norm",
    [norm],
    "a",
    { "norm.scale": [1, 1, 1], "norm.shift": [0, 0, 0], "norm.mean": mean, "norm.variance": std.map((value) => value ** 2 - 1e-5) },
    1,
  ],
  [
    "bytes",
    [cast, node("Sub", "float", "mean", "a"), node("Div", "a", "std", "b")],
    "b",
    { mean: mean.map((value) => 255 * value), std: std.map((value) => 255 * value) },
    255,
  ],
] as const)("%s in the file: its colours are not normalised twice", async (what, nodes, last, constants, largest) => {
  const none = () => new Uint8Array();
  const plain = await importOnnx("plain.onnx", readFileSync(onnxPath(FILE)), none);
  const own = await importOnnx("own.onnx", withNodes(nodes, last, constants, what === "bytes"), none);
  const { architecture, warnings } = own;
  expect(architecture).toMatchObject({ mean: [0, 0, 0], std: [1 / largest, 1 / largest, 1 / largest] });
  expect(warnings.map(({ message }) => message)).toContainEqual(
    expect.stringContaining(`it is given colours from 0 to ${largest} as they are`),
  );
  const [found, wanted] = await Promise.all([featuresOf(architecture), featuresOf(plain.architecture)]);
  expect(found).toBeAllClose(wanted.data, 1e-4);
  expect(plain.architecture).toMatchObject({ mean, std });
  expect(plain.warnings.map(({ message }) => message)).toContainEqual(expect.stringContaining("ImageNet's mean and deviation are taken"));
});

test("a trained scale before the first layer is not taken for a normalisation, and given numbers precede what is found", async () => {
  const none = () => new Uint8Array();
  const trained = withNodes([node("Mul", "x", "scale", "a")], "a", { scale: [1.1, 0.9, 1.2] });
  expect((await importOnnx("trained.onnx", trained, none)).architecture.mean).toEqual(mean);
  const scaled = withNodes([node("Mul", "x", "scale", "a")], "a", { scale: [1 / 255] });
  const { architecture } = await importOnnx("scaled.onnx", scaled, none, { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
  expect(architecture).toMatchObject({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
});
