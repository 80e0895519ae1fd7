// Tensors in WebAssembly's memory, which ONNX Runtime's JavaScript uses where they are (scripts/wasm-places.mjs). All builds share their memory
// with threads, also where a page may have none, and a view of shared memory stays valid when it grows.

import { bytesPerElement, fromBytes, sizeOf, type Tensor } from "../core/tensor.ts";
import type { TensorKind } from "./engine.ts";

/** The parts of ONNX Runtime's module that are used here. */
export interface Module {
  readonly HEAPU8: Uint8Array;
  /** The addresses of the arrays that lie in its memory. */
  readonly places: WeakMap<Tensor["data"], number>;
  /** 0 if there is no room. */
  _malloc(bytes: number): number;
  _free(address: number): void;
  getValue(address: number, type: "i8"): number;
}

/** ONNX Runtime's own tensors begin at a multiple of it. */
const ALIGNED = 64;
/** Addresses have 32 bits. */
const MOST = 2 ** 32;

/** Tensors of any values in one block of `module`'s memory, and what frees it. */
export function allocate(module: Module, kinds: readonly TensorKind[]): { readonly tensors: readonly Tensor[]; free(): void } {
  const sizes = kinds.map(({ type, shape }) => sizeOf(shape) * bytesPerElement(type));
  const bytes = sizes.reduce((sum, size) => sum + Math.ceil(size / ALIGNED) * ALIGNED, ALIGNED);
  const block = bytes < MOST ? module._malloc(bytes) : 0;
  if (block === 0) throw new Error(`WebAssembly's memory, 4 GiB at most, has no room for ${Math.ceil(bytes / 2 ** 20)} MiB of tensors`);
  // A thread may have made the memory grow, which a module sees only when it reads from it.
  module.getValue(block, "i8");
  let next = Math.ceil(block / ALIGNED) * ALIGNED;
  const tensors = kinds.map(({ type, shape }, i) => {
    const [at, size] = [next, sizes[i] as number];
    next += Math.ceil(size / ALIGNED) * ALIGNED;
    const made = fromBytes(type, shape, module.HEAPU8.subarray(at, at + size));
    module.places.set(made.data, at);
    return made;
  });
  return {
    tensors,
    free() {
      for (const { data } of tensors) module.places.delete(data);
      module._free(block);
    },
  };
}
