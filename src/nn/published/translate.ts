// Translates timm's files to thaw's names and shapes.

import { sizeOf, type Tensor, tensor } from "../../core/tensor.ts";
import type { Architecture, ParameterSpec } from "../scope.ts";
import { timmFormat } from "./timm-names.ts";

/**
 * The `tensors` of timm's file for `architecture` under the names of `specs`, the parameters of the whole network; undefined if it is not
 * such a file: if a name is not timm's, or thaw's names are the same. A classifier for other classes keeps its shape.
 */
export function fromTimm(
  architecture: Architecture,
  specs: readonly ParameterSpec[],
  tensors: ReadonlyMap<string, Tensor<"float32">>,
): Map<string, Tensor<"float32">> | undefined {
  const format = timmFormat(architecture);
  if (!format) return undefined;
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const found = new Map<string, Tensor<"float32">>();
  for (const [name, value] of tensors) {
    const own = format.translate(name);
    if (own === undefined) return undefined;
    const spec = byName.get(own);
    const shifted = spec?.kind === "variance" && format.epsilon ? plus(value, format.epsilon.from - format.epsilon.to) : value;
    found.set(own, spec ? inShape(shifted, spec.shape) : shifted);
  }
  return found;
}

/** 1×1 convolutions in place of linear layers, and scales without broadcast axes, have the same numbers in the same order. */
function inShape(value: Tensor<"float32">, shape: readonly number[]): Tensor<"float32"> {
  const same = value.shape[0] === shape[0] && sizeOf(value.shape) === sizeOf(shape);
  return same ? tensor("float32", shape, value.data) : value;
}

/** Adds to the running variance the difference in ε, so that batch norm computes the same. */
function plus({ shape, data }: Tensor<"float32">, difference: number): Tensor<"float32"> {
  return tensor(
    "float32",
    shape,
    data.map((value) => value + difference),
  );
}
