// Tensors as plain data. `data` is passed to and from an engine without a copy, so never resize or reuse it while an engine holds it.

import { expected } from "./errors.ts";

/** Element types of thaw's graphs: ONNX's types by their NumPy names. float16 is stored as its bits. */
export type ElementType = "float32" | "float16" | "uint8" | "int8" | "int32" | "int64" | "bool";

export interface TypedArrays {
  float32: Float32Array;
  float16: Uint16Array;
  uint8: Uint8Array;
  int8: Int8Array;
  int32: Int32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
}

/** A dense array in row-major order: `data.length` is the product of `shape`. */
export interface Tensor<T extends ElementType = ElementType> {
  readonly type: T;
  readonly shape: readonly number[];
  readonly data: TypedArrays[T];
}

const CONSTRUCTORS = {
  float32: Float32Array,
  float16: Uint16Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

/** Bytes of one element of `type`. */
export function bytesPerElement(type: ElementType): number {
  return CONSTRUCTORS[type].BYTES_PER_ELEMENT;
}

/** `values` in the typed array for `type`; the same array if it already is one. */
export function elementsOf<T extends ElementType>(type: T, values: ArrayLike<number | bigint>): TypedArrays[T] {
  const made = CONSTRUCTORS[type] as unknown as { from(values: ArrayLike<number | bigint>): TypedArrays[T] };
  return values instanceof CONSTRUCTORS[type] ? (values as TypedArrays[T]) : made.from(values);
}

/** Number of elements of a tensor of `shape`; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Wraps `data` (not copied) as a tensor; throws a UsageError if its length is not the product of `shape`. */
export function tensor<T extends ElementType>(type: T, shape: readonly number[], data: TypedArrays[T]): Tensor<T> {
  if (data.length !== sizeOf(shape)) throw expected(`${sizeOf(shape)} elements`, `data of a [${shape}] tensor`, data.length);
  return { type, shape, data };
}

/** A tensor of zeros. */
export function zeros<T extends ElementType>(type: T, shape: readonly number[]): Tensor<T> {
  return { type, shape, data: new CONSTRUCTORS[type](sizeOf(shape)) as TypedArrays[T] };
}

/** A float32 tensor with every element set to `value`. */
export function full(shape: readonly number[], value: number): Tensor<"float32"> {
  return { type: "float32", shape, data: new Float32Array(sizeOf(shape)).fill(value) };
}

/** A float32 tensor from numbers; a single number gives a scalar of shape []. */
export function float32(values: number | ArrayLike<number>, shape?: readonly number[]): Tensor<"float32"> {
  const data = typeof values === "number" ? Float32Array.of(values) : Float32Array.from(values);
  return tensor("float32", shape ?? (typeof values === "number" ? [] : [data.length]), data);
}

/** A one-dimensional int64 tensor: ONNX's type for shapes, axes and pads. */
export function int64(values: readonly number[]): Tensor<"int64"> {
  return { type: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}

/** Views `bytes` (copied only if it is not aligned) as the elements of `type`. */
export function fromBytes<T extends ElementType>(type: T, shape: readonly number[], bytes: Uint8Array): Tensor<T> {
  const size = sizeOf(shape) * bytesPerElement(type);
  if (bytes.byteLength !== size) throw expected(`${size} bytes`, `a ${type} tensor [${shape}]`, bytes.byteLength);
  // A copy, not `slice`: a Buffer's slice is a view of the same memory.
  const aligned = bytes.byteOffset % bytesPerElement(type) === 0 ? bytes : new Uint8Array(bytes);
  const data = new CONSTRUCTORS[type](aligned.buffer as ArrayBuffer, aligned.byteOffset, sizeOf(shape));
  return { type, shape, data: data as TypedArrays[T] };
}

/** The bytes of a tensor, little-endian, not copied. */
export function toBytes(value: Tensor): Uint8Array {
  return new Uint8Array(value.data.buffer, value.data.byteOffset, value.data.byteLength);
}
