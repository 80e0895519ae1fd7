// The messages of an ONNX file, as far as thaw reads and writes them: onnx.proto of ONNX says what they mean, and test/reference/onnx-proto
// has a copy, against which the tests check the names and numbers. What thaw refuses or ignores has the fields that messages to users name.

import { bytes, double, float, int32, int64, message, optional, type Read, repeated, string, uint64, type Written } from "./messages.ts";

/** A type of tensors' elements. */
export const DataType = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
  COMPLEX64: 14,
  COMPLEX128: 15,
  BFLOAT16: 16,
  FLOAT8E4M3FN: 17,
  FLOAT8E4M3FNUZ: 18,
  FLOAT8E5M2: 19,
  FLOAT8E5M2FNUZ: 20,
  UINT4: 21,
  INT4: 22,
  FLOAT4E2M1: 23,
  FLOAT8E8M0: 24,
  UINT2: 25,
  INT2: 26,
  FLOAT6E2M3: 27,
  FLOAT6E3M2: 28,
} as const;

/** The kinds of attributes whose values thaw reads, and those that hold graphs. */
export const AttributeType = { FLOAT: 1, INT: 2, STRING: 3, TENSOR: 4, GRAPH: 5, FLOATS: 6, INTS: 7, STRINGS: 8, GRAPHS: 10 } as const;

export const DataLocation = { EXTERNAL: 1 } as const;

const text = (number: number) => optional(number, string, "");
const none = undefined;

const ENTRY = message({ key: text(1), value: text(2) });

export const TENSOR = message({
  dims: repeated(1, int64),
  dataType: optional(2, int32, 0),
  segment: optional(3, message({}), none),
  floatData: repeated(4, float, true),
  int32Data: repeated(5, int32, true),
  int64Data: repeated(7, int64, true),
  name: text(8),
  rawData: optional(9, bytes, new Uint8Array()),
  doubleData: repeated(10, double, true),
  uint64Data: repeated(11, uint64, true),
  externalData: repeated(13, ENTRY),
  dataLocation: optional(14, int32, 0),
});

const DIMENSION = message({ dimValue: optional(1, int64, none), dimParam: optional(2, string, none) });
const TENSOR_TYPE = message({ elemType: optional(1, int32, 0), shape: optional(2, message({ dim: repeated(1, DIMENSION) }), none) });

export const VALUE_INFO = message({ name: text(1), type: optional(2, message({ tensorType: optional(1, TENSOR_TYPE, none) }), none) });

export const ATTRIBUTE = message({
  name: text(1),
  f: optional(2, float, 0),
  i: optional(3, int64, 0n),
  s: optional(4, bytes, new Uint8Array()),
  t: optional(5, TENSOR, none),
  floats: repeated(7, float),
  ints: repeated(8, int64),
  strings: repeated(9, bytes),
  type: optional(20, int32, 0),
  refAttrName: text(21),
});

export const NODE = message({
  input: repeated(1, string),
  output: repeated(2, string),
  name: text(3),
  opType: text(4),
  attribute: repeated(5, ATTRIBUTE),
  domain: text(7),
});

export const GRAPH = message({
  node: repeated(1, NODE),
  name: text(2),
  initializer: repeated(5, TENSOR),
  input: repeated(11, VALUE_INFO),
  output: repeated(12, VALUE_INFO),
  valueInfo: repeated(13, VALUE_INFO),
  sparseInitializer: repeated(15, message({ values: optional(1, message({ name: text(8) }), none) })),
});

export const MODEL = message({
  irVersion: optional(1, int64, 0n),
  producerName: text(2),
  graph: optional(7, GRAPH, none),
  opsetImport: repeated(8, message({ domain: text(1), version: optional(2, int64, 0n) })),
  metadataProps: repeated(14, ENTRY),
  functions: repeated(25, message({ name: text(1) })),
});

export type ModelProto = Read<typeof MODEL>;
export type NodeProto = Read<typeof NODE>;
export type AttributeProto = Read<typeof ATTRIBUTE>;
export type TensorProto = Read<typeof TENSOR>;
export type ValueInfoProto = Read<typeof VALUE_INFO>;

export type AttributeInit = Written<typeof ATTRIBUTE>;
export type TensorInit = Written<typeof TENSOR>;
export type ValueInfoInit = Written<typeof VALUE_INFO>;
