// Trains in a thread of its own, so that the command hears Ctrl-C and draws progress while a step computes.

import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { receivedError } from "../../page/messages.ts";
import type { TrainOptions } from "../../recipe/options.ts";
import { type FromTraining, STOP, type TrainingData } from "./messages.ts";

/** The thread's program, as it is built. */
const WORKER = createRequire(import.meta.url).resolve("#train-worker");

export interface ThreadOptions extends TrainOptions {
  readonly profile?: string | true | undefined;
  /** Called with the file of the trace when it is written. */
  readonly onProfile: (file: string) => void;
}

/** Runs the recipe as `train` does, and throws what it throws. Everything in the options but functions and the signal is plain data. */
export async function trainInThread({ signal, onEvent, profile, onProfile, ...options }: ThreadOptions): Promise<void> {
  const data: TrainingData = { options, profile };
  const worker = new Worker(WORKER, { workerData: data, name: "thaw train" });
  const stop = (): void => worker.postMessage(STOP);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on("message", (message: FromTraining) => {
        if (message.kind === "event") onEvent?.(message.event);
        else if (message.kind === "profile") onProfile(message.file);
        else if (message.kind === "done") resolve();
        else reject(receivedError(message.error));
      });
      worker.on("error", reject);
      worker.on("exit", (code) => reject(new Error(`The thread that trains ended with ${code}`)));
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    await worker.terminate();
  }
}
