// The build of ONNX Runtime for WebAssembly in a browser.

import type { Build } from "./wasm-session.ts";

/**
 * The files are written out in full so that a bundler finds them and gives them addresses. The JavaScript half is separate from the page's code,
 * because each thread starts by running it again.
 */
export const WASM: Build = {
  load: () => import("#onnxruntime-web/wasm"),
  mjs: new URL("../../vendor/onnxruntime-web/dist/ort-wasm-simd-threaded.mjs", import.meta.url),
  wasm: new URL("../../vendor/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm", import.meta.url),
};
