// The model of a server, in threads of its own: it answers pictures, can be replaced while it does, and refuses more than it should hold.

import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import type { Piscina } from "piscina";
import type { ModelDescription } from "../classifier/format.ts";
import { readModel } from "../classifier/read-model.ts";
import type { Answered, PredictWorkerData } from "./predict-worker.node.ts";

export interface Predictor {
  /** Of the model that answers now. */
  readonly description: ModelDescription;
  /** Pictures that were accepted and are not answered yet. */
  readonly waiting: number;
  /** Answers the pictures in encoded files; undefined, and nothing is done, if there is no room for all of them. */
  predict(pictures: readonly Uint8Array[]): Promise<readonly Answered[]> | undefined;
  /** Loads the model anew. What was asked before is answered by the old one. Throws, and keeps the old one, if there is no sound model. */
  reload(): Promise<void>;
  /** Waits for the pictures that were accepted, and ends the threads. */
  close(): Promise<void>;
}

interface Loaded {
  readonly description: ModelDescription;
  readonly pool: Piscina;
}

/**
 * Loads the model in `model`, a folder or a zip of it, and holds at most `room` pictures at once. Throws a UsageError if there is no sound model.
 */
export async function openPredictor({ room, ...data }: PredictWorkerData & { readonly room: number }): Promise<Predictor> {
  let now = await load(data, room);
  let waiting = 0;
  let reloading: Promise<void> = Promise.resolve();
  return {
    get description() {
      return now.description;
    },
    get waiting() {
      return waiting;
    },
    predict(pictures) {
      if (waiting + pictures.length > room) return undefined;
      waiting += pictures.length;
      const { pool } = now;
      const answers = Promise.all(pictures.map((bytes) => pool.run(bytes, { name: "predict" }) as Promise<Answered>));
      return answers.finally(() => {
        waiting -= pictures.length;
      });
    },
    reload() {
      reloading = reloading
        .catch(() => undefined)
        .then(async () => {
          const before = now;
          now = await load(data, room);
          await before.pool.close();
        });
      return reloading;
    },
    async close() {
      await reloading.catch(() => undefined);
      await now.pool.close();
    },
  };
}

/** Threads that hold the model, if there are cores for them: one decodes pictures while the other computes. */
const MODEL_THREADS = 2;

async function load({ model, threads = availableParallelism() }: PredictWorkerData, room: number): Promise<Loaded> {
  // Checked here, because a thread's errors lose their class and hint on the way.
  const { description } = await readModel(model);
  const count = Math.min(MODEL_THREADS, threads);
  const { Piscina } = await import("piscina");
  const pool = new Piscina({
    filename: pathToFileURL(createRequire(import.meta.url).resolve("#predict-worker")).href,
    workerData: { model, threads: Math.ceil(threads / count) } satisfies PredictWorkerData,
    minThreads: count,
    maxThreads: count,
    // All of them are its own to batch; the one with fewer gets the next.
    concurrentTasksPerWorker: room,
    atomics: "disabled",
    closeTimeout: CLOSE_TIMEOUT,
    execArgv: [],
  });
  await pool.run(undefined, { name: "ready" });
  return { description, pool };
}

/** Milliseconds for what was accepted to be answered when a model is replaced or a server ends. */
const CLOSE_TIMEOUT = 60_000;
