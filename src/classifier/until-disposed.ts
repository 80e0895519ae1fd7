// The life of something that is used by many at once and freed once: nobody's work loses the ground under it.

import { UsageError } from "../core/errors.ts";

export interface UntilDisposed {
  /** Does `work`, which dispose then waits for. Throws a UsageError after dispose. */
  use<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Lets no new work begin, waits for what runs, then calls `free`; called again, it gives the same promise. */
  dispose(): Promise<void>;
}

/** Guards what `free` frees; `what` is its name in errors: "This classifier". */
export function untilDisposed(what: string, free: () => Promise<void>): UntilDisposed {
  const running = new Set<Promise<unknown>>();
  let disposed: Promise<void> | undefined;
  return {
    async use(work) {
      if (disposed !== undefined)
        throw new UsageError(`${what} was disposed of`, "Load it again, or dispose of it after the last prediction.");
      const result = work();
      running.add(result);
      try {
        return await result;
      } finally {
        running.delete(result);
      }
    },
    dispose() {
      disposed ??= Promise.allSettled(running).then(free);
      return disposed;
    },
  };
}
