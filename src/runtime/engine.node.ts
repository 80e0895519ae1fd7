// The engine in Node: ONNX Runtime's native library on the CPU or WebGPU; WebAssembly on request, and where the library cannot be loaded.

import { availableParallelism } from "node:os";
import { MessageChannel } from "node:worker_threads";
import type { Engine } from "./engine.ts";
import { withoutAdapter } from "./lost-device.ts";
import { loadNative, nativeMissing, warnOfWasm } from "./native.node.ts";
import { ortSession, outputLocations } from "./ort-session.ts";
import { type Build, openWasm } from "./wasm-session.ts";

// Nothing listens at the other end, so what is transferred to it is freed immediately instead of at the next garbage collection.
const { port1: nowhere, port2: closed } = new MessageChannel();
closed.close();
nowhere.unref();

const WASM: Build = {
  load: () => import("#onnxruntime-web/node"),
  mjs: new URL("../../vendor/onnxruntime-web/dist/ort-wasm-simd-threaded.mjs", import.meta.url),
  wasm: new URL("../../vendor/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm", import.meta.url),
};

export const engine: Engine = {
  async device() {
    const native = await loadNative();
    if ("ort" in native) return "cpu";
    warnOfWasm(native.reason);
    return "wasm";
  },
  missingThreads: () => undefined,
  async open(model, { device, threads = availableParallelism(), holds }) {
    if (device === "wasm") return openWasm(WASM, model, { device, threads });
    const native = await loadNative();
    if ("reason" in native) throw nativeMissing(device, native.reason);
    const session = await native.ort.InferenceSession.create(model, {
      executionProviders: [device],
      intraOpNumThreads: threads,
      graphOptimizationLevel: "all",
      logSeverityLevel: 4,
      ...outputLocations(holds),
    }).catch((error) => {
      throw device === "webgpu" ? withoutAdapter(error) : error;
    });
    return ortSession(native.ort, session, holds, (copies) => nowhere.postMessage(undefined, [...copies]));
  },
};
