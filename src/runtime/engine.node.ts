// The engine in Node: onnxruntime-node, native CPU or WebGPU.

import { availableParallelism } from "node:os";
import { MessageChannel } from "node:worker_threads";
import * as ort from "onnxruntime-node";
import type { Engine } from "./engine.ts";
import { ortSession } from "./ort-session.ts";

// Nothing listens at the other end, so what is transferred to it is freed immediately instead of at the next garbage collection.
const { port1: nowhere, port2: closed } = new MessageChannel();
closed.close();
nowhere.unref();

export const engine: Engine = {
  device: "cpu",
  async open(model, { device = "cpu", threads = availableParallelism() }) {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [device],
      intraOpNumThreads: threads,
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
    });
    return ortSession(ort, session, (copies) => nowhere.postMessage(undefined, [...copies]));
  },
};
