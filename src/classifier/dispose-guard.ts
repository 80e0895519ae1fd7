// Guards a shared resource: waits for running work before freeing it.

import { UsageError } from "../core/errors.ts";

export interface DisposeGuard {
  /** Runs `work`, for which dispose will wait. Throws a UsageError after dispose. */
  use<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Refuses new work, waits for running work, then calls `free`; further calls return the same promise. */
  dispose(): Promise<void>;
}

/** Guards the resource that `free` frees; `what` is its name in errors: "This classifier". */
export function disposeGuard(what: string, free: () => Promise<void>): DisposeGuard {
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
