// Reads the tensors of an untrusted ONNX file: every numeric type, wherever their bytes are stored, converted to the few types that thaw
// uses.

import { expected, UsageError } from "../../core/errors.ts";
import { floatFromBrain, floatFromHalf } from "../../core/half.ts";
import { bytesPerElement, type ElementType, elementsOf, fromBytes, sizeOf, type Tensor } from "../../core/tensor.ts";
import { DataLocation, type TensorProto, DataType as Type } from "../proto/onnx.ts";

/** `length` bytes from `offset` on of a file beside the model; `location` is its path relative to the model. */
export type ReadExternal = (location: string, offset: number, length: number) => Uint8Array;

interface Conversion {
  readonly to: ElementType;
  /** Bytes of one element in the file. */
  readonly bytes: number;
  /** The elements of raw little-endian bytes. */
  elements(view: DataView, count: number): ArrayLike<number | bigint>;
}

function reading(
  to: ElementType,
  bytes: number,
  element: (view: DataView, at: number) => number | bigint,
  into: new (length: number) => { [i: number]: number | bigint; length: number } = Float64Array as never,
): Conversion {
  return {
    to,
    bytes,
    elements(view, count) {
      const result = new into(count);
      for (let i = 0; i < count; i++) result[i] = element(view, i * bytes);
      return result;
    },
  };
}

/** Types that thaw does not have, and the types that it converts them to: all floats to float32, integers to the next larger type. */
const CONVERTED: Readonly<Partial<Record<number, Conversion>>> = {
  [Type.FLOAT16]: reading("float32", 2, (view, at) => floatFromHalf(view.getUint16(at, true))),
  [Type.BFLOAT16]: reading("float32", 2, (view, at) => floatFromBrain(view.getUint16(at, true))),
  [Type.DOUBLE]: reading("float32", 8, (view, at) => view.getFloat64(at, true)),
  [Type.INT16]: reading("int32", 2, (view, at) => view.getInt16(at, true)),
  [Type.UINT16]: reading("int32", 2, (view, at) => view.getUint16(at, true)),
  [Type.UINT32]: reading("int64", 4, (view, at) => BigInt(view.getUint32(at, true)), BigInt64Array as never),
  [Type.UINT64]: reading("int64", 8, (view, at) => view.getBigInt64(at, true), BigInt64Array as never),
};

const KEPT: Readonly<Partial<Record<number, ElementType>>> = {
  [Type.FLOAT]: "float32",
  [Type.UINT8]: "uint8",
  [Type.INT8]: "int8",
  [Type.INT32]: "int32",
  [Type.INT64]: "int64",
  [Type.BOOL]: "bool",
};

/** thaw's type for ONNX's type code `type`; undefined for text, complex numbers and types below 8 bits. */
export function widenedType(type: number): ElementType | undefined {
  return CONVERTED[type]?.to ?? KEPT[type];
}

/** The tensor called `name`. Throws a UsageError for an unsupported type and for data whose length does not match the shape. */
export function readTensor(proto: TensorProto, name: string, external: ReadExternal): Tensor {
  const type = proto.dataType;
  const to = widenedType(type);
  if (!to) throw new UsageError(`The ONNX tensor "${name}" has the type ${nameOf(type)}`, "Export the model in float32.");
  const shape = proto.dims.map(Number);
  const count = sizeOf(shape);
  const raw = proto.dataLocation === DataLocation.EXTERNAL ? externalBytes(proto, name, count * bytesOf(type), external) : proto.rawData;
  if (proto.dataLocation === DataLocation.EXTERNAL || raw.length > 0 || count === 0) return fromRaw(type, shape, raw, name);
  const fields = fieldsOf(proto, type);
  if (fields.length !== count) throw tooShort(name, count, fields.length);
  return { type: to, shape, data: elementsOf(to, fields) } as Tensor;
}

function nameOf(type: number): string {
  return Object.entries(Type).find(([, each]) => each === type)?.[0] ?? String(type);
}

function fromRaw(type: number, shape: readonly number[], raw: Uint8Array, name: string): Tensor {
  const conversion = CONVERTED[type];
  const count = sizeOf(shape);
  const kept = KEPT[type];
  const bytes = bytesOf(type);
  if (raw.length !== count * bytes) throw tooShort(name, count, raw.length / bytes);
  if (!conversion) return fromBytes(kept as ElementType, shape, raw);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return { type: conversion.to, shape, data: elementsOf(conversion.to, conversion.elements(view, count)) } as Tensor;
}

/** Bytes of one element in the file. */
function bytesOf(type: number): number {
  return CONVERTED[type]?.bytes ?? bytesPerElement(KEPT[type] as ElementType);
}

/** The data in the repeated field of its type; 16-bit floats are stored as bits in the integer field. */
function fieldsOf(proto: TensorProto, type: number): readonly (number | bigint)[] {
  switch (type) {
    case Type.FLOAT:
      return proto.floatData;
    case Type.DOUBLE:
      return proto.doubleData;
    case Type.INT64:
      return proto.int64Data;
    case Type.UINT32:
    case Type.UINT64:
      return proto.uint64Data;
    case Type.FLOAT16:
      return proto.int32Data.map(floatFromHalf);
    case Type.BFLOAT16:
      return proto.int32Data.map(floatFromBrain);
    default:
      return proto.int32Data;
  }
}

/** The bytes of a tensor in another file: only the `needed` ones are read. */
function externalBytes(proto: TensorProto, name: string, needed: number, external: ReadExternal): Uint8Array {
  const entry = (key: string): string | undefined => proto.externalData.find((item) => item.key === key)?.value;
  const location = entry("location");
  if (!location) throw new UsageError(`The ONNX tensor "${name}" is stored in another file without a name`, "Save the model as one file.");
  const whole = (key: string): number | undefined => {
    const text = entry(key);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}$/.test(text))
      throw expected("a whole number", `the ${key} of the ONNX tensor "${name}"`, text, "Save the model again.");
    return Number(text);
  };
  const length = whole("length") ?? needed;
  if (length !== needed)
    throw expected(`${needed} bytes`, `the length of the ONNX tensor "${name}"`, length, "The file is damaged: export it again.");
  return external(location, whole("offset") ?? 0, length);
}

function tooShort(name: string, count: number, found: number): UsageError {
  return expected(`${count} elements`, `the ONNX tensor "${name}"`, found, "The file is damaged: export it again.");
}
