// The engine in a browser: ONNX Runtime on WebAssembly or WebGPU.

import { expected } from "../core/errors.ts";
import type { Engine } from "./engine.ts";
import { withTurns } from "./next-turn.browser.ts";
import { WASM } from "./wasm-build.browser.ts";
import { type Build, openWasm, placeIn } from "./wasm-session.ts";

/** The builds by device. */
const BUILDS: Readonly<Record<string, Build>> = {
  wasm: WASM,
  webgpu: {
    load: () => import("#onnxruntime-web/webgpu"),
    mjs: new URL("../../vendor/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs", import.meta.url),
    wasm: new URL("../../vendor/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm", import.meta.url),
  },
};

/** The parts of the page or worker that are used here. */
const page = globalThis as unknown as {
  readonly crossOriginIsolated: boolean;
  readonly navigator: { readonly hardwareConcurrency: number };
};

export const engine: Engine = {
  device: async () => "wasm",
  missingThreads: () =>
    page.crossOriginIsolated
      ? undefined
      : {
          message: "This page is not cross-origin isolated, so WebAssembly trains and predicts on one core",
          hint:
            "Serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp; " +
            "where headers cannot be set, a service worker can add them.",
        },
  async open(model, { device, threads = page.navigator.hardwareConcurrency, unplanned, holds }) {
    const build = BUILDS[device];
    if (!build) throw expected('"wasm" or "webgpu"', "the device in a browser", device);
    // Threads share memory, which requires a cross-origin isolated page (COOP and COEP headers).
    return withTurns(await openWasm(build, model, { device, threads: page.crossOriginIsolated ? threads : 1, unplanned, holds }));
  },
  place: async (device, kinds) => (device === "wasm" ? placeIn(WASM, kinds) : undefined),
};
