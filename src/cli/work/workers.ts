// Workers of this process, each with an engine of its own.

import { availableParallelism, hostname } from "node:os";
import { processEngine } from "../../queue/engine.node.ts";
import type { ShardQueue } from "../../queue/queue.ts";
import { type WorkerEnd, type WorkerEvent, work } from "../../queue/worker.ts";
import { TRY_AGAIN } from "../shared/interrupt.ts";

export interface Workers {
  readonly count: number;
  /** Threads of each; by default they share the cores. */
  readonly threads: number | undefined;
  readonly wait: boolean;
  readonly signal: AbortSignal;
  onEvent(event: WorkerEvent): void;
}

/** Runs workers until each has ended, and returns why. */
export function runWorkers(queue: ShardQueue, { count, threads, ...options }: Workers): Promise<readonly WorkerEnd[]> {
  const each = threads ?? (count === 1 ? undefined : Math.max(1, Math.floor(availableParallelism() / count)));
  const seconds = (): number => performance.now() / 1000;
  return Promise.all(
    Array.from({ length: count }, (_, i) => {
      const name = `${hostname()} ${process.pid}${count === 1 ? "" : `.${i + 1}`}`;
      return work(queue, processEngine(each), { ...options, name, seconds });
    }),
  );
}

/** The exit code for what ended the workers: 0 if nothing was left to do, `stopped` if they were told to stop. */
export function exitCodeOf(ends: readonly WorkerEnd[], stopped: number): number {
  const codes = { idle: 0, stopped, unfit: 2, system: TRY_AGAIN, away: TRY_AGAIN };
  return ends.map(({ why }) => codes[why]).find((code) => code !== 0) ?? 0;
}
