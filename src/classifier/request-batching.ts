// Batches single requests: while one batch is computed, new requests wait and become the next.

/** A function that runs `work` on batches of up to `largest` items, requested at the same time or while other work was running. */
export function batchRequests<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  largest: number,
): (item: Item) => Promise<Result> {
  const waiting: { item: Item; resolve: (result: Result) => void; reject: (reason: unknown) => void }[] = [];
  let working = false;
  const workOff = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, largest);
      try {
        const results = await work(batch.map(({ item }) => item));
        for (const [i, { resolve }] of batch.entries()) resolve(results[i] as Result);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    working = false;
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (working) return;
      working = true;
      // Runs after everything else that is ready now, so that simultaneous requests form one batch.
      queueMicrotask(workOff);
    });
}
