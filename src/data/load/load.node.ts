// Loading in Node: in worker threads.

import type { Failure, Load } from "./load-task.ts";
import { defaultWorkers, runInPool } from "./pool.ts";

export const pool: Load = {
  workers: defaultWorkers,
  async load(task) {
    try {
      return await runInPool<Uint8Array | Failure>("load", task);
    } catch (error) {
      throw new Error(`A worker thread ended while it read ${task.file}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  },
};
