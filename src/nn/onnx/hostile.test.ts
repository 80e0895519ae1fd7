// Small ONNX files that would take gigabytes or make no sense: each is refused with the node's name, before anything large is computed.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, onTestFinished, test } from "vitest";
import {
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataLocation,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from "../../../test/reference/onnx-proto/onnx_pb.ts";
import { UsageError } from "../../core/errors.ts";
import { importOnnx } from "./import.ts";
import { openOnnx } from "./open.node.ts";

type Node = MessageInitShape<typeof NodeProtoSchema>;
type Weight = MessageInitShape<typeof TensorProtoSchema>;

const floats = (name: string, dims: readonly number[], value = 0.1): Weight => ({
  name,
  dataType: 1,
  dims: dims.map(BigInt),
  rawData: new Uint8Array(new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(value).buffer),
});
const ints = (name: string, values: readonly number[]): Weight => ({
  name,
  dataType: 7,
  dims: [BigInt(values.length)],
  int64Data: values.map(BigInt),
});
const value = (name: string, sizes: readonly number[]): MessageInitShape<typeof ValueInfoProtoSchema> => {
  const dim = sizes.map((size) => ({ value: { case: "dimValue" as const, value: BigInt(size) } }));
  return { name, type: { value: { case: "tensorType", value: { elemType: 1, shape: { dim } } } } };
};
const made = (opType: string, name: string, input: readonly string[], attribute: Node["attribute"] = []): Node => ({
  opType,
  name,
  input: [...input],
  output: [name],
  attribute,
});

interface Parts {
  /** Nodes that compute "extra" [1, 5], which is added to the classes. */
  readonly nodes?: readonly Node[];
  readonly weights?: readonly Weight[];
  readonly strides?: readonly number[];
}

/** A classifier of images [1, 3, 8, 8]. */
function modelOf({ nodes = [], weights = [], strides = [1, 1] }: Parts): Uint8Array {
  const conv = made("Conv", "conv", ["x", "kernel"], [{ name: "strides", type: Kind.INTS, ints: strides.map(BigInt) }]);
  const rest = [
    made("GlobalAveragePool", "pool", ["conv"]),
    made("Flatten", "flat", ["pool"]),
    made("MatMul", "classes", ["flat", "matrix"]),
    ...(nodes.length > 0 ? [made("Add", "y", ["classes", "extra"])] : [made("Identity", "y", ["classes"])]),
  ];
  const graph = {
    input: [value("x", [1, 3, 8, 8])],
    output: [value("y", [1, 5])],
    valueInfo: [value("extra", [1, 5])],
    node: [...nodes, conv, ...rest],
    initializer: [
      ...weights,
      ...[floats("kernel", [8, 3, 1, 1]), floats("matrix", [8, 5])].filter(({ name }) => !weights.some((each) => each.name === name)),
    ],
  };
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ domain: "", version: 17n }], graph }));
}

const none = () => new Uint8Array();
const doubling = Array.from({ length: 40 }, (_, i) =>
  made("Concat", `c${i}`, i === 0 ? ["seed", "seed"] : [`c${i - 1}`, `c${i - 1}`], [{ name: "axis", type: Kind.INT, i: 0n }]),
);
const products = Array.from({ length: 60 }, (_, i) => made("MatMul", `m${i}`, [i === 0 ? "square" : `m${i - 1}`, "square"]));

const hostile: readonly (readonly [string, Parts, string])[] = [
  [
    "a OneHot of 400 million columns",
    {
      nodes: [made("OneHot", "extra", ["index", "depth", "pair"])],
      weights: [ints("index", [1]), ints("depth", [4e8]), floats("pair", [2])],
    },
    'Operator OneHot (node "extra") makes a result of any size',
  ],
  [
    "constants that double forty times",
    { nodes: [...doubling, made("ReduceMean", "extra", ["c39"])], weights: [floats("seed", [1024])] },
    'Operator Concat (node "c12") computes [8388608] from constants: more memory than four times the file and 64 MB',
  ],
  [
    "products that take minutes",
    { nodes: [...products, made("ReduceMean", "extra", ["m59"])], weights: [floats("square", [600, 600], 1e-3)] },
    "computes [600,600] from constants: more than a second's work",
  ],
  [
    "an axis that is not there",
    { nodes: [made("CumSum", "extra", ["row", "axis"])], weights: [floats("row", [5]), ints("axis", [1])] },
    'What the file computes from constants is invalid: operator CumSum (node "extra")',
  ],
  ["strides of 0", { strides: [0, 0] }, 'Operator Conv (node "conv") has the strides [0,0]'],
  [
    "a weight that is not a number",
    { weights: [floats("matrix", [8, 5], Number.NaN)] },
    'x.onnx is damaged: "body.matrix" has NaN or infinity',
  ],
];

test.each(hostile)("%s is refused by name", async (_, parts, message) => {
  const bytes = modelOf(parts);
  const before = process.memoryUsage().rss;
  const error = await importOnnx("x.onnx", bytes, none).catch((refused) => refused);
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).toContain(message);
  expect(error.hint).toBeTruthy();
  expect(process.memoryUsage().rss - before).toBeLessThan(4 * bytes.length + 200e6);
});

test("what no output needs is not computed", async () => {
  const unused = [made("OneHot", "unused", ["index", "depth", "pair"]), made("Identity", "extra", ["row"])];
  const weights = [ints("index", [1]), ints("depth", [4e8]), floats("pair", [2]), floats("row", [1, 5])];
  const { end } = await importOnnx("x.onnx", modelOf({ nodes: unused, weights }), none);
  expect(end.name).toBe("conv");
});

test("two hundred tensors in the same bytes of a file are refused, and a tensor without a length reads only its own bytes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "thaw-onnx-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const inFile = (name: string, dims: readonly number[]): Weight => ({
    name,
    dataType: 1,
    dims: dims.map(BigInt),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [{ key: "location", value: "x.data" }],
  });
  writeFileSync(join(folder, "x.data"), new Uint8Array(4e6));
  const file = join(folder, "x.onnx");
  const open = async (weights: readonly Weight[]) => {
    writeFileSync(file, modelOf({ weights }));
    const { name, bytes, external } = await openOnnx(file);
    const read: number[] = [];
    await importOnnx(name, bytes, (location, offset, length) => {
      read.push(length);
      return external(location, offset, length);
    });
    return read;
  };
  expect(await open([inFile("matrix", [8, 5])])).toEqual([160]);
  await expect(open(Array.from({ length: 200 }, (_, i) => inFile(`w${i}`, [1e6])))).rejects.toThrow(
    'reads the same bytes of "x.data" for many tensors',
  );
});

test("an Einsum has the shape of its equation, whatever the file claims", async () => {
  const lastLink = async (equation: string) => {
    const attribute = { name: "equation", type: Kind.STRING, s: new TextEncoder().encode(equation) };
    // The file says that "extra" is [1, 5].
    const nodes = [made("Einsum", "extra", ["row", "row"], [attribute])];
    const { links } = await importOnnx("x.onnx", modelOf({ nodes, weights: [floats("row", [1, 5])] }), none);
    return links.at(-1)?.name;
  };
  expect(await lastLink("ij,ij->ij")).toBe("y");
  expect(await lastLink("ij,kl->jl")).toBe("classes");
});
