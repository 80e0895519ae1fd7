// Loading in Node: in worker threads.

import { defaultWorkers, endThreads, runInPool } from "./pool.node.ts";
import type { Pool } from "./pool.ts";

export const pool: Pool = {
  workers: defaultWorkers,
  async load(task) {
    try {
      return await runInPool("load", task);
    } catch (error) {
      throw new Error(`A worker thread ended while it read ${task.name}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  },
  scan: (task) => runInPool("scan", task),
  inspect: (file) => runInPool("inspect", file),
  close: endThreads,
};
