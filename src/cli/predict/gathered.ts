// Gathers what comes one after another, so that much is done at once and little waits.

/** The bounds of what is gathered. */
export interface Gathering {
  /** Items that are gathered at most. */
  readonly most: number;
  /** Milliseconds that an item waits at most for others. */
  readonly patience: number;
}

/**
 * The items of `source` in its order, at most `most` at once. The first of those that are gathered waits `patience` for others; what comes later is in
 * the next ones. While nothing has come, there is no limit.
 */
export async function* gatheredInTime<T>(
  source: AsyncIterable<T>,
  { most, patience }: Gathering,
): AsyncGenerator<readonly T[], void, undefined> {
  const items = source[Symbol.asyncIterator]();
  const ask = (): Promise<IteratorResult<T>> => {
    const asked = items.next();
    // It may fail while the caller works on what came before; whoever awaits it hears that.
    asked.catch(() => undefined);
    return asked;
  };
  try {
    let asked = ask();
    for (let first = await asked; !first.done; first = await asked) {
      const some = [first.value];
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(resolve, patience, undefined);
      });
      try {
        asked = ask();
        while (some.length < most) {
          const next = await Promise.race([asked, late]);
          if (!next || next.done) break;
          some.push(next.value);
          asked = ask();
        }
      } finally {
        clearTimeout(timer);
      }
      yield some;
    }
  } finally {
    await items.return?.();
  }
}
