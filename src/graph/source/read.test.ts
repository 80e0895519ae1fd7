// ONNX files that are broken, hostile, or beyond thaw: each is refused with a message that names the place.

import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
  type GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataLocation,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from "../../../test/reference/onnx-proto/onnx_pb.ts";
import { UsageError } from "../../core/errors.ts";
import { readSource, type SourceGraph } from "./read.ts";

type Node = MessageInitShape<typeof NodeProtoSchema>;
type Graph = Partial<Record<keyof MessageInitShape<typeof GraphProtoSchema>, unknown>>;
type Weight = MessageInitShape<typeof TensorProtoSchema>;

const images = value("x", [1, 3, 8, 8]);
const relu: Node = { opType: "Relu", name: "first", input: ["x"], output: ["y"] };

function value(name: string, sizes: readonly number[], elemType = 1): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = sizes.map((size) => ({ value: { case: "dimValue" as const, value: BigInt(size) } }));
  return { name, type: { value: { case: "tensorType", value: { elemType, shape: { dim } } } } };
}

function weight(more: Weight): Weight {
  return { name: "w", dataType: 1, dims: [2n], floatData: [1, 2], ...more };
}

function modelOf(
  graph: Graph,
  more: { readonly opsetImport?: { domain: string; version: bigint }[]; readonly functions?: { name: string; domain: string }[] } = {},
): Uint8Array {
  const whole = { input: [images], output: [value("y", [1, 3, 8, 8])], node: [relu], ...graph } as MessageInitShape<
    typeof GraphProtoSchema
  >;
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ domain: "", version: 17n }], graph: whole, ...more }),
  );
}

function read(bytes: Uint8Array, files: Readonly<Record<string, Uint8Array>> = {}): SourceGraph {
  return readSource(bytes, (location, offset, length) => (files[location] as Uint8Array).subarray(offset, length && offset + length));
}

/** The message of the UsageError with which the file is refused. */
function refusal(bytes: Uint8Array): string {
  try {
    read(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).hint, (error as UsageError).message).toBeTruthy();
    return (error as UsageError).message;
  }
  throw new Error("The file was not refused");
}

const subgraph = { name: "then_branch", type: Kind.GRAPH, g: { name: "g", node: [relu] } };

/** `depth` nested graphs. */
function nested(depth: number): Node {
  let node: Node = relu;
  for (let i = 0; i < depth; i++)
    node = {
      opType: "If",
      name: `if ${i}`,
      input: ["x"],
      output: ["y"],
      attribute: [{ name: "then_branch", type: Kind.GRAPH, g: { node: [node] } }],
    };
  return node;
}

describe("a file is refused by name that", () => {
  test.each<[string, Uint8Array, string | RegExp]>([
    ["is truncated", modelOf({}).slice(0, -20), "The file is not an ONNX model, or is cut off"],
    ["is not protobuf", new TextEncoder().encode("PK\u0003\u0004"), "The file is not an ONNX model, or is cut off"],
    ["is empty", new Uint8Array(), "The ONNX file has no graph"],
    [
      "has a cycle",
      modelOf({
        node: [
          { ...relu, input: ["z"] },
          { opType: "Neg", name: "back", input: ["y"], output: ["z"] },
        ],
      }),
      /^The ONNX graph has a cycle through operator (Neg, node "back"|Relu, node "first")$/,
    ],
    [
      "has a node that reads its own output",
      modelOf({ node: [{ ...relu, input: ["y"] }] }),
      'The ONNX graph has a cycle through operator Relu, node "first"',
    ],
    [
      "reads a value that is never computed",
      modelOf({ node: [{ ...relu, input: ["gone"] }] }),
      'The ONNX value "gone" that operator Relu, node "first" reads is never computed',
    ],
    ["has an output that is never computed", modelOf({ output: [value("gone", [1])] }), 'The ONNX output "gone" is never computed'],
    [
      "computes a value twice",
      modelOf({ node: [relu, { ...relu, name: "second" }] }),
      'The ONNX value "y" is computed twice (operator Relu, node "second")',
    ],
    [
      "computes its own input",
      modelOf({ node: [{ ...relu, output: ["x"] }] }),
      'The ONNX value "x" is computed twice (operator Relu, node "first")',
    ],
    [
      "has two weights with the same name",
      modelOf({ initializer: [weight({}), weight({})] }),
      'The ONNX file has two weights called "w", or one without a name',
    ],
    [
      "has a weight without a name",
      modelOf({ initializer: [weight({ name: "" })] }),
      'The ONNX file has two weights called "", or one without a name',
    ],
    [
      "claims to have huge weights",
      modelOf({ initializer: [weight({ dims: [2n ** 40n, 2n ** 20n] })] }),
      `The ONNX tensor "w" claims ${2n ** 60n} elements`,
    ],
    [
      "claims more elements than it has",
      modelOf({ initializer: [weight({ dims: [2n ** 30n] })] }),
      'Expected 1073741824 elements for the ONNX tensor "w" but received 2',
    ],
    ["has a negative size", modelOf({ initializer: [weight({ dims: [-1n, -2n] })] }), 'The ONNX tensor "w" has the size -1 along an axis'],
    ["has images of size 0", modelOf({ input: [value("x", [1, 3, 0, 8])] }), 'The ONNX input "x" has the size 0 along an axis'],
    [
      "has text for weights",
      modelOf({ initializer: [weight({ dataType: 8, floatData: [], stringData: [new Uint8Array(2)] })] }),
      'The ONNX tensor "w" contains text',
    ],
    ["has complex weights", modelOf({ initializer: [weight({ dataType: 14 })] }), 'The ONNX tensor "w" has the type COMPLEX64'],
    ["has weights of 4 bits", modelOf({ initializer: [weight({ dataType: 22 })] }), 'The ONNX tensor "w" has the type INT4'],
    [
      "has sparse weights, however large they would be",
      modelOf({ sparseInitializer: [{ values: weight({ dims: [2n ** 50n] }), dims: [2n ** 50n] }] }),
      'The ONNX tensor "w" is sparse',
    ],
    [
      "has control flow",
      modelOf({ node: [{ opType: "If", name: "branch", input: ["x"], output: ["y"], attribute: [subgraph] }] }),
      'The ONNX file has control flow: operator If (node "branch") contains another graph',
    ],
    [
      "has nested graphs",
      modelOf({ node: [nested(30)] }),
      'The ONNX file has control flow: operator If (node "if 29") contains another graph',
    ],
    [
      "has custom operators",
      modelOf({}, { functions: [{ name: "Mine", domain: "me" }] }),
      'The ONNX file defines custom operators ("Mine")',
    ],
    [
      "needs another domain's operators",
      modelOf({ node: [{ ...relu, opType: "Evil", domain: "com.evil" }] }),
      'The ONNX file needs operator Evil (node "first") of the domain "com.evil", which is not ONNX\'s own',
    ],
    [
      "is quantised",
      modelOf({ node: [{ ...relu, opType: "DequantizeLinear" }] }),
      'The ONNX file is quantised: operator DequantizeLinear (node "first")',
    ],
    [
      "is of an older operator set",
      modelOf({}, { opsetImport: [{ domain: "", version: 9n }] }),
      "The ONNX file is of operator set 9; thaw reads 11 to 21",
    ],
    [
      "is of a newer operator set",
      modelOf({}, { opsetImport: [{ domain: "", version: 99n }] }),
      "The ONNX file is of operator set 99; thaw reads 11 to 21",
    ],
    [
      "does not state its operator set",
      modelOf({}, { opsetImport: [] }),
      "The ONNX file does not state its operator set; thaw reads 11 to 21",
    ],
    [
      "has attributes of an unknown kind",
      modelOf({ node: [{ ...relu, attribute: [{ name: "odd", type: Kind.SPARSE_TENSOR }] }] }),
      'The attribute "odd" of operator Relu (node "first") is of a kind that thaw does not support',
    ],
    [
      "has constants of text",
      modelOf({
        node: [
          relu,
          { opType: "Constant", name: "c", output: ["c"], attribute: [{ name: "value_string", type: Kind.STRING, s: new Uint8Array(1) }] },
        ],
      }),
      'The ONNX constant "c" is not numeric',
    ],
    [
      "has an invalid offset into a data file",
      modelOf({
        initializer: [
          weight({
            dataLocation: TensorProto_DataLocation.EXTERNAL,
            externalData: [
              { key: "location", value: "a" },
              { key: "offset", value: "-8" },
            ],
          }),
        ],
      }),
      'Expected a whole number for the offset of the ONNX tensor "w" but received "-8"',
    ],
    [
      "does not name its data file",
      modelOf({ initializer: [weight({ dataLocation: TensorProto_DataLocation.EXTERNAL })] }),
      'The ONNX tensor "w" is stored in another file without a name',
    ],
  ])("%s", (_, bytes, message) => {
    if (typeof message === "string") expect(refusal(bytes)).toBe(message);
    else expect(refusal(bytes)).toMatch(message);
  });
});

test("graphs nested sixty thousand deep do not overflow the stack", () => {
  // Each level is a graph in an attribute of a node: the fields' headers, from the inside out, with the length of their contents.
  const headers: number[][] = [];
  let length = 0;
  for (let depth = 0; depth < 60_000; depth++) {
    const header = [[0x32, 0x2a, 0x0a][depth % 3] as number, ...varint(length)];
    headers.push(header);
    length += header.length;
  }
  headers.push([0x3a, ...varint(length)]);
  expect(refusal(Uint8Array.from(headers.reverse().flat()))).toBe("The ONNX file does not state its operator set; thaw reads 11 to 21");
});

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

test("weights of every numeric type are converted to thaw's types, from raw bytes and from typed fields", () => {
  const raw = (bytes: ArrayLike<number>) => ({ floatData: [], rawData: Uint8Array.from(bytes) });
  const both = [
    [weight({}), weight(raw(new Uint8Array(Float32Array.of(1, 2).buffer)))],
    [weight({ dataType: 10, floatData: [], int32Data: [0x3c00, 0x4000] }), weight({ dataType: 10, ...raw([0x00, 0x3c, 0x00, 0x40]) })],
    [weight({ dataType: 16, floatData: [], int32Data: [0x3f80, 0x4000] }), weight({ dataType: 16, ...raw([0x80, 0x3f, 0x00, 0x40]) })],
    [
      weight({ dataType: 11, floatData: [], doubleData: [1, 2] }),
      weight({ dataType: 11, ...raw(new Uint8Array(Float64Array.of(1, 2).buffer)) }),
    ],
  ] as const;
  for (const weights of both)
    for (const each of weights) {
      const { constants } = read(modelOf({ initializer: [each], node: [relu, { opType: "Add", input: ["y", "w"], output: ["z"] }] }));
      expect(constants.get("w")).toEqual({ type: "float32", shape: [2], data: Float32Array.of(1, 2) });
    }
  const integers = weight({ dataType: 7, floatData: [], int64Data: [-1n, 2n ** 40n] });
  expect(read(modelOf({ initializer: [integers] })).constants.get("w")?.data).toEqual(BigInt64Array.of(-1n, 2n ** 40n));
  const small = weight({ dataType: 5, ...raw([0xff, 0xff, 0x02, 0x00]) });
  expect(read(modelOf({ initializer: [small] })).constants.get("w")).toEqual({ type: "int32", shape: [2], data: Int32Array.of(-1, 2) });
});

test("weights are read from the given range of the file beside it", () => {
  const place = [
    { key: "location", value: "weights.bin" },
    { key: "offset", value: "4" },
    { key: "length", value: "8" },
  ];
  const outside = weight({ floatData: [], dataLocation: TensorProto_DataLocation.EXTERNAL, externalData: place });
  const bytes = new Uint8Array(Float32Array.of(9, 1, 2, 9).buffer);
  expect(read(modelOf({ initializer: [outside] }), { "weights.bin": bytes }).constants.get("w")?.data).toEqual(Float32Array.of(1, 2));
});

test("nodes are sorted so that they can run, each with a distinct name", () => {
  const nodes: Node[] = [
    { opType: "Neg", name: "same", input: ["b"], output: ["y"] },
    { opType: "Relu", name: "same", input: ["a"], output: ["b"] },
    { opType: "Abs", input: ["x"], output: ["a"] },
  ];
  const { nodes: sorted } = read(modelOf({ node: nodes }));
  expect(sorted.map(({ op }) => op)).toEqual(["Abs", "Relu", "Neg"]);
  expect(new Set(sorted.map(({ name }) => name)).size).toBe(3);
});

test("axes that were attributes become inputs, dropout becomes Identity, and softmax keeps its older meaning", () => {
  const node = (opType: string, attribute: Node["attribute"], more: Node = {}): Node => ({
    opType,
    name: opType,
    input: ["x"],
    output: [opType],
    attribute: attribute ?? [],
    ...more,
  });
  const ints = (name: string, values: number[]) => ({ name, type: Kind.INTS, ints: values.map(BigInt) });
  const source = read(
    modelOf(
      {
        node: [
          relu,
          node("ReduceMean", [ints("axes", [2, 3])]),
          node("Unsqueeze", [ints("axes", [0])]),
          node("Dropout", [], { output: ["Dropout", "mask"] }),
          node("Softmax", []),
        ],
      },
      { opsetImport: [{ domain: "ai.onnx", version: 11n }] },
    ),
  );
  const named = (name: string) => source.nodes.find((each) => each.name === name);
  expect(source.constants.get(named("ReduceMean")?.inputs[1] as string)?.data).toEqual(BigInt64Array.of(2n, 3n));
  expect(source.constants.get(named("Unsqueeze")?.inputs[1] as string)?.data).toEqual(BigInt64Array.of(0n));
  expect(named("Dropout")).toMatchObject({ op: "Identity", outputs: ["Dropout"] });
  expect(named("Softmax")?.attributes).toEqual({ axis: { kind: "int", value: 1 }, flattened: { kind: "int", value: 1 } });
});
