// Traces of where a run spends its time: spans, recorded while a trace is on, in a format that chrome://tracing and Perfetto open. One
// trace per process, because a process has one clock. Without a trace, a span costs one comparison.

/** Something that took time. */
export interface Span {
  readonly name: string;
  /** "stage" and "epoch" contain the others: "batch", "run" (of a session), "wait" (for images), "cache". */
  readonly category: string;
  /** Milliseconds on `performance.now`'s clock. */
  readonly start: number;
  readonly duration: number;
}

export interface Trace {
  readonly spans: readonly Span[];
  /** Spans that were dropped because there were too many. */
  readonly dropped: number;
}

/** The most spans retained, about 20 MB of file; stages and epochs are retained beyond that. */
const LIMIT = 200_000;

let active: { readonly spans: Span[]; dropped: number; readonly limit: number } | undefined;

/** Starts recording; anything recorded before and not yet returned by stopTrace is lost. */
export function startTrace(limit: number = LIMIT): void {
  active = { spans: [], dropped: 0, limit };
}

/** Stops recording and returns what was recorded; nothing if no trace is on. */
export function stopTrace(): Trace {
  const { spans, dropped } = active ?? { spans: [], dropped: 0 };
  active = undefined;
  return { spans, dropped };
}

/** Records a span from `start` (on `performance.now`'s clock) to now. */
export function recordSpan(name: string, category: string, start: number): void {
  if (!active) return;
  if (active.spans.length >= active.limit && category !== "stage" && category !== "epoch") active.dropped++;
  else active.spans.push({ name, category, start, duration: performance.now() - start });
}

/** Runs `work` as a span, which is recorded even if it throws. */
export async function traced<T>(name: string, category: string, work: () => Promise<T>): Promise<T> {
  if (!active) return work();
  const start = performance.now();
  try {
    return await work();
  } finally {
    recordSpan(name, category, start);
  }
}

/** Iterates over `items`; each wait for the next one is a span. */
export async function* tracedWaits<T>(name: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await traced(name, "wait", () => iterator.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/**
 * The trace in Chrome's trace-event format: complete events ("X") with times in microseconds, from the first span on. Spans that overlap
 * without one containing the other are on separate rows ("threads"), so that all events of a row nest.
 */
export function chromeTrace({ spans, dropped }: Trace): string {
  const origin = spans.reduce((first, { start }) => Math.min(first, start), Number.POSITIVE_INFINITY);
  const sorted = spans.toSorted((a, b) => a.start - b.start || b.duration - a.duration);
  const rows: number[][] = [];
  const events = sorted.map(({ name, category, start, duration }) => {
    // Ends are whole microseconds too: rounding start and duration separately could push a span out of the one that contains it.
    const [from, to] = [Math.round((start - origin) * 1000), Math.round((start + duration - origin) * 1000)];
    return { name, cat: category, ph: "X", ts: from, dur: to - from, pid: 1, tid: rowFor(rows, from, to) };
  });
  const names = rows.map((_, i) => ({
    name: "thread_name",
    ph: "M",
    pid: 1,
    tid: i + 1,
    args: { name: i === 0 ? "thaw" : `thaw ${i + 1}` },
  }));
  return JSON.stringify({ traceEvents: [...names, ...events], displayTimeUnit: "ms", otherData: { dropped } });
}

/** The first row (from 1) whose open spans all contain [from, to]; each row is the stack of its open spans' ends. */
function rowFor(rows: number[][], from: number, to: number): number {
  for (const [i, ends] of rows.entries()) {
    while (ends.length > 0 && (ends.at(-1) as number) <= from) ends.pop();
    if (ends.length > 0 && (ends.at(-1) as number) < to) continue;
    ends.push(to);
    return i + 1;
  }
  rows.push([to]);
  return rows.length;
}
