// ONNX's codes for element types.

import type { ElementType } from "../core/tensor.ts";

/** TensorProto.DataType by thaw's name. */
export const ONNX_TYPES: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

/** thaw's name for a TensorProto.DataType; undefined for one that it does not use. */
export function elementTypeOf(onnxType: number): ElementType | undefined {
  return (Object.keys(ONNX_TYPES) as ElementType[]).find((type) => ONNX_TYPES[type] === onnxType);
}
