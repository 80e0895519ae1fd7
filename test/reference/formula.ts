// Numbers that both languages compute identically, so that no large files are committed; test/reference/formula.py is the same in Python.

import { sizeOf, type Tensor, tensor } from "../../src/core/index.ts";
import type { ParameterSpec, Parameters } from "../../src/nn/index.ts";

/** A batch of noise with mean 0 and variance 1. */
export function imageBatch(name: string, shape: readonly number[]): Tensor<"float32"> {
  return tensor(
    "float32",
    shape,
    uniforms(name, sizeOf(shape), (u) => (2 * u - 1) * Math.sqrt(3)),
  );
}

/** Parameters by the formula: weights uniform with variance 2 / fan-in, the others in the ranges of trained networks. */
export function formulaParameters(specs: readonly ParameterSpec[]): Parameters {
  return new Map(specs.map((spec) => [spec.name, tensor("float32", spec.shape, uniforms(spec.name, sizeOf(spec.shape), toValue(spec)))]));
}

/** Scales of residual branches, small so that attention after many of them still weighs more than one place. */
const RESIDUAL = /(proj\.ln\.bn\.weight|mlp\.ln2\.bn\.weight|layer_scale\.gamma)$/;

function toValue({ kind, name, shape }: ParameterSpec): (u: number) => number {
  if (kind === "weight") {
    const bound = Math.sqrt(6 / sizeOf(shape.slice(1)));
    return (u) => (2 * u - 1) * bound;
  }
  const factor = RESIDUAL.test(name) ? 0.1 : 1;
  return kind === "scale" || kind === "variance" ? (u) => factor * (0.5 + u) : (u) => 0.2 * (2 * u - 1);
}

/** `map` of each of `count` numbers in [0, 1): FNV-1a of the name, then MurmurHash3's finaliser of that plus the index. */
export function uniforms(name: string, count: number, map: (u: number) => number): Float32Array<ArrayBuffer> {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let h = (seed + Math.imul(i, 0x9e3779b9)) | 0;
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
    values[i] = map((h >>> 8) / 2 ** 24);
  }
  return values;
}
