// The worker threads that decode: made at first use, shared by all loaders, and no reason for a process to stay alive.

import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import type { Piscina } from "piscina";

let pool: Promise<Piscina> | undefined;

/** Number of worker threads: one for each core that the process may use. */
export function defaultWorkers(): number {
  return availableParallelism();
}

/** Runs the function `name` of decode-worker.node.ts on `task` in a worker thread. */
export async function runInPool<Result>(name: "load" | "scan" | "inspect" | "shrink", task: unknown): Promise<Result> {
  pool ??= startPool();
  return (await pool).run(task, { name }) as Promise<Result>;
}

async function startPool(): Promise<Piscina> {
  const { Piscina } = await import("piscina");
  return new Piscina({
    filename: pathToFileURL(createRequire(import.meta.url).resolve("#decode-worker")).href,
    minThreads: 1,
    maxThreads: defaultWorkers(),
    // Workers that idle briefly between two epochs stay alive: starting one costs more than the images it would have decoded.
    idleTimeout: 10_000,
    // Who gives them limits how many there are.
    concurrentTasksPerWorker: Number.POSITIVE_INFINITY,
    // Between tasks a worker must go round its event loop: native memory of decoded images is freed there, and else not before it idles.
    atomics: "disabled",
    // Not the process's own: conditions and loaders of a development tool would not suit the built file.
    execArgv: [],
  });
}

/** Ends the worker threads, if there are any. */
export async function endThreads(): Promise<void> {
  const ending = pool;
  pool = undefined;
  const closing = await ending;
  // A worker that ends its task in the same moment is reported as an error, which nobody waits for any more.
  closing?.on("error", () => undefined);
  await closing?.destroy();
}
