// Sessions of ONNX Runtime's WebAssembly. They are not re-entrant, not even across sessions, so all calls wait in one queue.

import type * as api from "onnxruntime-common";
import type { Tensor } from "../core/tensor.ts";
import type { Session, Tensors } from "./engine.ts";
import { ortSession } from "./ort-session.ts";

export type Ort = typeof api;

/** A build of ONNX Runtime for WebAssembly, and the files that its JavaScript loads. */
export interface Build {
  load(): Promise<Ort>;
  readonly mjs: URL;
  readonly wasm: URL;
}

let last: Promise<unknown> = Promise.resolve();

/** Starts `work` when all earlier work has ended, successfully or not. */
function queued<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work, work);
  last = result.catch(() => undefined);
  return result;
}

/** Copies results to the tensors in `into`: WebAssembly computes in its own memory and does not write to them. */
function fill(into: Tensors, results: Tensors): Tensors {
  for (const [name, { data }] of Object.entries(into)) (data as Float32Array).set((results[name] as Tensor).data as Float32Array);
  return into;
}

/** Opens `model` with `build` on `device`, "wasm" or "webgpu". */
export async function openWasm(build: Build, model: Uint8Array, device: string, threads: number): Promise<Session> {
  const ort = await build.load();
  // A build's files and its number of threads are read when its first session opens.
  ort.env.wasm.wasmPaths = { mjs: build.mjs.href, wasm: build.wasm.href };
  ort.env.wasm.numThreads = threads;
  const session = await queued(() =>
    ort.InferenceSession.create(model, { executionProviders: [device], graphOptimizationLevel: "all", logSeverityLevel: 3 }),
  );
  const { run, release } = ortSession(ort, session);
  return {
    run: async (feeds, into = {}) => {
      const results = await queued(() => run(feeds));
      return { ...results, ...fill(into, results) };
    },
    release: () => queued(release),
  };
}
