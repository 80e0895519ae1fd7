// Work done a few steps ahead of its consumer, and never further: it feeds a network with batches in constant memory.

/**
 * Does `work` on each of `tasks` and gives the results in their order. While one result is in the taker's hands, the next `ahead` are begun or
 * ready, and no more, however slow the taker is. Leaving the loop early, a failure of `work` (which is thrown when its turn comes) and an abort
 * of `signal` (whose reason is thrown) abort the signal that `work` was given.
 */
export async function* workAhead<Task, Result>(
  tasks: Iterable<Task>,
  work: (task: Task, stopped: AbortSignal) => Promise<Result>,
  ahead: number,
  signal?: AbortSignal,
): AsyncGenerator<Result, void, undefined> {
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const remaining = tasks[Symbol.iterator]();
  const begun: Promise<Result>[] = [];
  let exhausted = false;
  try {
    for (;;) {
      signal?.throwIfAborted();
      while (!exhausted && begun.length <= ahead) {
        const { done, value } = remaining.next();
        exhausted = done === true;
        if (!done) begun.push(handled(work(value, stop.signal)));
      }
      const first = begun.shift();
      if (!first) return;
      yield await unlessAborted(first, signal);
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    stop.abort();
    remaining.return?.();
  }
}

// It is awaited when its turn comes; until then, and if that never comes, a failure must not count as unhandled.
function handled<Result>(work: Promise<Result>): Promise<Result> {
  work.catch(() => undefined);
  return work;
}

function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
