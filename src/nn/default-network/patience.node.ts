// How long a run waits for weights that nobody asked for by name: not at all for a hub that is silent, and not for a slow download.

import { setInterval } from "node:timers";
import type { WorkOptions } from "../../core/progress.ts";

/** In milliseconds. */
export interface Patience {
  /** Until the hub answers. */
  readonly answer: number;
  /** Until the speed of a download is judged. */
  readonly trial: number;
  /** The longest that a download may take. */
  readonly download: number;
}

export const PATIENCE: Patience = { answer: 4000, trial: 5000, download: 60_000 };

/** The reason for which work was given up. */
export class OutOfPatience extends Error {
  readonly reason: "silent" | "slow";

  constructor(reason: "silent" | "slow") {
    super(reason);
    this.reason = reason;
  }
}

type Watched = Pick<WorkOptions, "onProgress" | "signal">;

/**
 * Runs `work`, a download whose first progress is the hub's answer. Throws OutOfPatience if it takes too long, or is about to; and what `work`
 * throws, or the reason of the aborted signal.
 */
export async function withPatience<T>(
  work: (watched: Watched) => Promise<T>,
  { onProgress, signal }: Watched,
  { answer, trial, download }: Patience = PATIENCE,
): Promise<T> {
  const controller = new AbortController();
  const start = performance.now();
  let first: { readonly at: number; readonly done: number } | undefined;
  let [done, total] = [0, 0];
  const giveUp = (reason: "silent" | "slow"): void => controller.abort(new OutOfPatience(reason));
  const check = (): void => {
    const now = performance.now();
    if (!first) {
      if (now - start >= answer) giveUp("silent");
      return;
    }
    const spent = now - first.at;
    if (spent < trial) return;
    const left = ((total - done) * spent) / (done - first.done);
    if (!(spent + left <= download)) giveUp("slow");
  };
  const timer = setInterval(check, Math.max(1, Math.min(answer, trial) / 10));
  try {
    return await work({
      signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
      onProgress(progress) {
        first ??= { at: performance.now(), done: progress.done };
        ({ done, total } = progress);
        onProgress?.(progress);
      },
    });
  } catch (error) {
    // What is aborted between two requests throws an error of its own.
    signal?.throwIfAborted();
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(timer);
  }
}
