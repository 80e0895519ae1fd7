// Watches a work in a queue until all its shards are done, set aside or cancelled.

import { setTimeout as wait } from "node:timers/promises";
import type { WorkOptions } from "../../core/progress.ts";
import { isAway } from "../../queue/away.ts";
import { type ShardQueue, unfinished, type WorkState } from "../../queue/queue.ts";

/** Milliseconds between two looks; and for which the queue's server may be away. */
const [LOOK, AWAY] = [1000, 600_000];

/** The work's last state; undefined if the signal was aborted, or the work is not in the queue. */
export async function watchWork(queue: ShardQueue, id: string, { signal, onProgress }: WorkOptions): Promise<WorkState | undefined> {
  let heard = performance.now();
  while (!signal?.aborted) {
    try {
      const state = (await queue.works()).find((each) => each.id === id);
      heard = performance.now();
      if (!state) return undefined;
      onProgress?.({ task: "Predicting", done: state.rows, total: state.work.all.photographs, unit: "photographs" });
      if (unfinished(state) === 0) return state;
    } catch (error) {
      if (!isAway(error) || performance.now() - heard > AWAY) throw error;
    }
    await wait(LOOK, undefined, signal && { signal }).catch(() => undefined);
  }
  return undefined;
}
