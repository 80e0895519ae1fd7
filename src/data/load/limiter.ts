// Work that may run at once, but not all of it: a gate for what comes when it comes, and a way through a long list.

/** Images that one thread decodes at a time: while one is read, another is computed. */
export const IN_HAND = 2;

/** A gate that lets at most `limit` pieces of work run at a time, in the order they came. */
export function limiter(limit: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

/**
 * Does `work` on each of `items`, begun in their order, at most `limit` at a time, and gives the results in order. An item whose turn has
 * not come takes no memory, so the list may be very long. A failure, or an abort of `signal`, begins no more; it is thrown when all that
 * runs has ended.
 */
export async function mapLimited<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result[]> {
  const results: Result[] = Array(items.length);
  const remaining = items.entries();
  let failure: { readonly error: unknown } | undefined;
  // All take their next item from the same iterator.
  const takeTurns = async (): Promise<void> => {
    try {
      for (const [index, item] of remaining) {
        signal?.throwIfAborted();
        results[index] = await work(item, index);
        if (failure) return;
      }
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(Array.from({ length: limit }, takeTurns));
  if (failure) throw failure.error;
  return results;
}
