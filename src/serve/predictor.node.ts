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

/** A thread that holds the model, and how many pictures it has. */
interface Thread {
  readonly pool: Piscina;
  waiting: number;
}

interface Loaded {
  readonly description: ModelDescription;
  readonly threads: readonly Thread[];
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
      const { threads } = now;
      const answers = Promise.all(pictures.map((bytes) => answer(bytes, threads)));
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
          await end(before);
        });
      return reloading;
    },
    async close() {
      await reloading.catch(() => undefined);
      await end(now);
    },
  };
}

/** Threads that hold the model, if there are cores for them: one decodes pictures while the other computes. */
const MODEL_THREADS = 2;

async function load({ model, threads = availableParallelism() }: PredictWorkerData, room: number): Promise<Loaded> {
  // Checked here, because a thread's errors lose their class and hint on the way.
  const { description } = await readModel(model);
  const count = Math.min(MODEL_THREADS, threads);
  const data = { model, threads: Math.ceil(threads / count) };
  const starting = Array.from({ length: count }, () => start(data, room));
  try {
    return { description, threads: await Promise.all(starting) };
  } catch (error) {
    for (const each of await Promise.allSettled(starting)) if (each.status === "fulfilled") await each.value.pool.close();
    throw error;
  }
}

/** Starts a thread, which is a pool of its own: one of several would end threads that still compute. */
async function start(data: PredictWorkerData, room: number): Promise<Thread> {
  const { Piscina } = await import("piscina");
  const pool = new Piscina({
    filename: pathToFileURL(createRequire(import.meta.url).resolve("#predict-worker")).href,
    workerData: data,
    minThreads: 1,
    maxThreads: 1,
    // All of them are its own to batch.
    concurrentTasksPerWorker: room,
    atomics: "disabled",
    closeTimeout: CLOSE_TIMEOUT,
    execArgv: [],
  });
  await pool.run(undefined, { name: "ready" });
  return { pool, waiting: 0 };
}

/** The answer of the thread that has the fewest pictures. */
async function answer(bytes: Uint8Array, threads: readonly Thread[]): Promise<Answered> {
  const thread = threads.reduce((fewest, each) => (each.waiting < fewest.waiting ? each : fewest));
  thread.waiting++;
  try {
    return (await thread.pool.run(bytes, { name: "predict" })) as Answered;
  } finally {
    thread.waiting--;
  }
}

/** Ends the threads when they have answered what they have. */
async function end({ threads }: Loaded): Promise<void> {
  await Promise.all(threads.map(({ pool }) => pool.close()));
}

/** Milliseconds for what was accepted to be answered when a model is replaced or a server ends. */
const CLOSE_TIMEOUT = 60_000;
