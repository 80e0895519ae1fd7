// The engine in Node: ONNX Runtime's native library on the CPU or WebGPU; WebAssembly on request, and where the library cannot be loaded.

import { availableParallelism } from "node:os";
import { MessageChannel } from "node:worker_threads";
import type { Engine, Session } from "./engine.ts";
import { noAdapter, withLoss, withoutAdapter } from "./lost-device.ts";
import { loadNative, nativeMissing, warnOfWasm } from "./native.node.ts";
import { ortSession, outputLocations } from "./ort-session.ts";
import { hasVulkan } from "./vulkan.node.ts";
import { type Build, openWasm, placeIn } from "./wasm-session.ts";

// Nothing listens at the other end, so what is transferred to it is freed immediately instead of at the next garbage collection.
const { port1: nowhere, port2: closed } = new MessageChannel();
closed.close();
nowhere.unref();

/**
 * The C library of Linux returns a large block to the system when it is freed, and more memory at the end of its heap than twice the largest
 * block freed so far, of 32 MiB at most. A training step's copies of the weights would be taken from the system anew in every step, page by
 * page. One block of that size, freed, keeps them.
 */
const keepFreedMemory = once(() => discard([new ArrayBuffer(2 ** 25 - 2 ** 16)]));

function discard(copies: readonly ArrayBuffer[]): void {
  nowhere.postMessage(undefined, [...copies]);
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}

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
  async open(model, { device, threads = availableParallelism(), unplanned, sleeps, holds }) {
    if (device === "wasm") return openWasm(WASM, model, { device, threads, unplanned });
    const native = await loadNative();
    if ("reason" in native) throw nativeMissing(device, native.reason);
    if (device === "webgpu" && !hasVulkan()) throw noAdapter();
    const session = await native.ort.InferenceSession.create(model, {
      executionProviders: [device],
      intraOpNumThreads: threads,
      graphOptimizationLevel: "all",
      enableMemPattern: !unplanned,
      // Threads that wait for the next operator keep a core, but not after the last one: they would for 20 to 50 ms, beside other sessions.
      extra: { session: { force_spinning_stop: "1", intra_op: { allow_spinning: sleeps ? "0" : "1" } } },
      logSeverityLevel: 4,
      ...outputLocations(holds),
    }).catch((error) => {
      throw device === "webgpu" ? withoutAdapter(error) : error;
    });
    const opened = ortSession(native.ort, session, holds, (copies) => {
      keepFreedMemory();
      discard(copies);
    });
    return device === "webgpu" ? sayingLoss(opened) : opened;
  },
  place: async (device, kinds) => (device === "wasm" ? placeIn(WASM, kinds) : undefined),
  async faster(graph) {
    const { withFasterConvolutions } = await import("./shifted-convolutions.ts");
    return withFasterConvolutions(graph, engine);
  },
};

/** The session, whose runs throw a LostDeviceError once the device is lost. */
export function sayingLoss({ run, runOn, release }: Session): Session {
  const say = (error: unknown): never => {
    throw withLoss(error);
  };
  return {
    run: (feeds, into) => run(feeds, into).catch(say),
    runOn: (held, feeds, wanted) => runOn(held, feeds, wanted).catch(say),
    release,
  };
}
