// The engine in a browser: onnxruntime-web, on WebAssembly or WebGPU. Its sessions are not re-entrant, not even across sessions, so all
// calls wait in one queue.

import { expected } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Engine, Tensors } from "./engine.ts";
import { ortSession } from "./ort-session.ts";

type Ort = typeof import("onnxruntime-web");

interface Build {
  load(): Promise<Ort>;
  /** The files that `load`'s JavaScript fetches, written out in full so that a bundler finds them and gives them addresses. */
  readonly mjs: URL;
  readonly wasm: URL;
}

/**
 * onnxruntime-web's builds by device. WebAssembly's JavaScript half is separate from the page's code, because each thread starts by running
 * it again.
 */
const BUILDS: Readonly<Record<string, Build>> = {
  wasm: {
    load: () => import("onnxruntime-web/wasm"),
    mjs: new URL("onnxruntime-web/ort-wasm-simd-threaded.mjs", import.meta.url),
    wasm: new URL("onnxruntime-web/ort-wasm-simd-threaded.wasm", import.meta.url),
  },
  webgpu: {
    load: () => import("onnxruntime-web/webgpu"),
    mjs: new URL("onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs", import.meta.url),
    wasm: new URL("onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm", import.meta.url),
  },
};

/** The parts of the page or worker that are used here. */
const page = globalThis as unknown as {
  readonly crossOriginIsolated: boolean;
  readonly navigator: { readonly hardwareConcurrency: number };
};

let last: Promise<unknown> = Promise.resolve();

/** Starts `work` when all earlier work has ended, successfully or not. */
function queued<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work, work);
  last = result.catch(() => undefined);
  return result;
}

/** Copies results to the tensors in `into`: onnxruntime-web computes in its own memory and does not write to them. */
function fill(into: Tensors, results: Tensors): Tensors {
  for (const [name, { data }] of Object.entries(into)) (data as Float32Array).set((results[name] as Tensor).data as Float32Array);
  return into;
}

export const engine: Engine = {
  device: "wasm",
  async open(model, { device = "wasm", threads = page.navigator.hardwareConcurrency }) {
    const build = BUILDS[device];
    if (!build) throw expected('"wasm" or "webgpu"', "the device in a browser", device);
    const ort = await build.load();
    // A build's files and its number of threads are read when its first session opens. Threads share memory, which requires a cross-origin
    // isolated page (COOP and COEP headers).
    ort.env.wasm.wasmPaths = { mjs: build.mjs.href, wasm: build.wasm.href };
    ort.env.wasm.numThreads = page.crossOriginIsolated ? threads : 1;
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
  },
};
