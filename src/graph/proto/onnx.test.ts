// thaw's tables of ONNX's messages against the schema that ONNX publishes, as protoc and its library read and write it.

import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import * as reference from "../../../test/reference/onnx-proto/onnx_pb.ts";
import { parseModel } from "../model.ts";
import { AttributeType, DataLocation, DataType, MODEL } from "./onnx.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

const tensor = {
  dims: [2n, 300n, -1n],
  dataType: 11,
  floatData: [1.5, -2],
  int32Data: [1, -1, 2 ** 31 - 1],
  int64Data: [-(2n ** 63n), 2n ** 63n - 1n],
  name: "größer",
  rawData: bytes(0, 128, 255),
  doubleData: [Math.PI],
  uint64Data: [2n ** 64n - 1n],
  externalData: [{ key: "location", value: "weights.bin" }],
  dataLocation: 1,
};
const attribute = {
  name: "a",
  f: 0.25,
  i: -3n,
  s: bytes(104, 105),
  t: tensor,
  floats: [0.5, 0],
  ints: [1n, -2n],
  strings: [bytes(1), bytes()],
  type: 4,
  refAttrName: "other",
};
const types = (dims: readonly (bigint | string)[]) => ({
  tensorType: {
    elemType: 1,
    shape: {
      dim: dims.map((size) =>
        typeof size === "bigint" ? { dimValue: size, dimParam: undefined } : { dimValue: undefined, dimParam: size },
      ),
    },
  },
});
const model = {
  irVersion: 9n,
  producerName: "pytorch",
  graph: {
    node: [{ input: ["x", ""], output: ["y"], name: "n", opType: "Conv", attribute: [attribute], domain: "com.microsoft" }],
    name: "g",
    initializer: [tensor],
    input: [{ name: "x", type: types([0n, "batch"]) }],
    output: [{ name: "y", type: types([]) }],
    valueInfo: [{ name: "z", type: types([7n]) }],
    sparseInitializer: [{ values: { name: "s" } }],
  },
  opsetImport: [{ domain: "", version: 20n }],
  metadataProps: [{ key: "k", value: "v" }],
  functions: [{ name: "f" }],
};

/** The same in the form of protoc's library, which has a value of its own for what is one of several. */
function init(): MessageInitShape<typeof reference.ModelProtoSchema> {
  const info = ({ name, type }: (typeof model.graph.input)[number]) => ({
    name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: type.tensorType.elemType,
          shape: {
            dim: type.tensorType.shape.dim.map(({ dimValue, dimParam }) => ({
              value:
                dimValue === undefined
                  ? ({ case: "dimParam", value: dimParam as string } as const)
                  : ({ case: "dimValue", value: dimValue } as const),
            })),
          },
        },
      } as const,
    },
  });
  const { graph } = model;
  return {
    ...model,
    graph: { ...graph, input: graph.input.map(info), output: graph.output.map(info), valueInfo: graph.valueInfo.map(info) },
  };
}

const written = toBinary(reference.ModelProtoSchema, create(reference.ModelProtoSchema, init()));

test("a message with every field is written as protoc's library writes it", () => {
  expect(MODEL.encode(model)).toEqual(written);
  expect(MODEL.encode({})).toEqual(bytes());
});

test("a message with every field is read as it was written, and fields that are not there are empty", () => {
  const [node] = model.graph.node;
  // A segment is refused, so only its presence matters.
  const read = { ...tensor, segment: undefined };
  expect(MODEL.decode(written)).toEqual({
    ...model,
    graph: { ...model.graph, initializer: [read], node: [{ ...node, attribute: [{ ...attribute, t: read }] }] },
  });
  const empty = MODEL.decode(bytes());
  expect(empty).toEqual({ irVersion: 0n, producerName: "", graph: undefined, opsetImport: [], metadataProps: [], functions: [] });
});

test("fields that thaw does not know are skipped, and lists are read packed and unpacked", () => {
  const more = create(reference.ModelProtoSchema, {
    docString: "d",
    domain: "d",
    trainingInfo: [{ initialization: { name: "i" } }],
    graph: {
      docString: "d",
      quantizationAnnotation: [{ tensorName: "t" }],
      initializer: [{ segment: { begin: 1n }, stringData: [bytes(1)] }],
    },
  });
  const read = MODEL.decode(toBinary(reference.ModelProtoSchema, more));
  expect(read.graph?.initializer[0]).toMatchObject({ segment: {}, dims: [] });
  expect(read.opsetImport).toEqual([]);
  // A tensor (field 5 of a graph, field 7 of a model) with dims packed and float_data not.
  const inner = [0x0a, 2, 3, 4, 0x25, 0, 0, 0x80, 0x3f];
  const packed = bytes(0x3a, inner.length + 2, 0x2a, inner.length, ...inner);
  expect(MODEL.decode(packed).graph?.initializer[0]).toMatchObject({ dims: [3n, 4n], floatData: [1] });
  expect(fromBinary(reference.ModelProtoSchema, packed).graph?.initializer[0]).toMatchObject({ dims: [3n, 4n], floatData: [1] });
});

test.each([
  ["is cut off", written.subarray(0, -1)],
  ["has a message that is longer than the file", bytes(0x3a, 5, 0)],
  ["has a list that is longer than its message", bytes(0x3a, 4, 0x2a, 2, 0x0a, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1)],
  ["has text where a number belongs", bytes(0x0a, 1, 65)],
  ["has a number where a message belongs", bytes(0x38, 1)],
  ["has field 0", bytes(0x00, 1)],
  ["has groups in groups without an end", new Uint8Array(1_000_000).fill(0x1b)],
])("a file that %s is no model", (_, data) => {
  expect(() => parseModel(data)).toThrow("The file is not an ONNX model, or is cut off");
});

test("the numbers of types and kinds are those of ONNX", () => {
  for (const [name, number] of Object.entries(DataType)) expect(reference.TensorProto_DataType[number]).toBe(name);
  for (const [name, number] of Object.entries(AttributeType)) expect(reference.AttributeProto_AttributeType[number]).toBe(name);
  expect(DataLocation.EXTERNAL).toBe(reference.TensorProto_DataLocation.EXTERNAL);
});
