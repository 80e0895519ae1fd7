// The engine in Node: onnxruntime-node, native CPU or WebGPU.

import { availableParallelism } from "node:os";
import * as ort from "onnxruntime-node";
import type { Engine } from "./engine.ts";
import { ortSession } from "./ort-session.ts";

export const engine: Engine = {
  device: "cpu",
  async open(model, { device = "cpu", threads = availableParallelism() }) {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [device],
      intraOpNumThreads: threads,
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
    });
    return ortSession(ort, session);
  },
};
