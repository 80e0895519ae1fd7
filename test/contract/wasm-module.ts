// What tests watch of ONNX Runtime's WebAssembly, once a session is open.

import { inject } from "vitest";
import type { Module } from "../../src/runtime/wasm-memory.ts";

export async function wasmModule(): Promise<Module> {
  const ort = inject("root") === undefined ? await import("#onnxruntime-web/node") : await import("#onnxruntime-web/wasm");
  return (ort.env.wasm as unknown as { readonly module: Module }).module;
}

/** The bytes that ONNX Runtime's JavaScript allocates while `work` is done: those of the tensors that it copies, and of settings. */
export async function allocatedBy(work: () => Promise<unknown>): Promise<number> {
  const module = await wasmModule();
  const allocate = module._malloc;
  let bytes = 0;
  module._malloc = (size) => {
    bytes += size;
    return allocate(size);
  };
  try {
    await work();
  } finally {
    module._malloc = allocate;
  }
  return bytes;
}
