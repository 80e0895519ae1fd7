// Traces: what is recorded, that the spans in a file nest, and that it stays small.

import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { chromeTrace, recordSpan, type Span, startTrace, stopTrace, traced, tracedWaits } from "./trace.ts";

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
}

const eventsOf = (spans: readonly Span[]): readonly Event[] =>
  (JSON.parse(chromeTrace({ spans, dropped: 0 })) as { traceEvents: Event[] }).traceEvents.filter(({ ph }) => ph === "X");

afterEach(() => void stopTrace());

test("work is recorded with its name, also if it fails, and nothing is recorded while no trace is on", async () => {
  await traced("before", "run", async () => 1);
  startTrace();
  expect(await traced("outer", "batch", () => traced("inner", "run", async () => 2))).toBe(2);
  await expect(traced("broken", "run", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  const { spans } = stopTrace();
  expect(spans.map(({ name }) => name)).toEqual(["inner", "outer", "broken"]);
  expect(stopTrace().spans).toEqual([]);
});

test("each wait for an item is a span, and leaving early ends the source", async () => {
  let ended = false;
  async function* source(): AsyncGenerator<number> {
    try {
      yield 1;
      yield 2;
      yield 3;
    } finally {
      ended = true;
    }
  }
  startTrace();
  const seen: number[] = [];
  for await (const item of tracedWaits("wait", source())) {
    seen.push(item);
    if (item === 2) break;
  }
  expect([seen, ended, stopTrace().spans.length]).toEqual([[1, 2], true, 2]);
});

test("beyond its limit a trace retains only stages and epochs, and counts what it drops", () => {
  startTrace(3);
  for (let i = 0; i < 10; i++) recordSpan(`${i}`, "run", 0);
  recordSpan("epoch 1", "epoch", 0);
  const { spans, dropped } = stopTrace();
  expect(spans.map(({ name }) => name)).toEqual(["0", "1", "2", "epoch 1"]);
  expect(dropped).toBe(7);
  expect(JSON.parse(chromeTrace({ spans, dropped })).otherData).toEqual({ dropped: 7 });
});

test("a file has whole microseconds from 0 on, and the spans of each row nest, whatever their times", () => {
  const span = fc.record({
    name: fc.string(),
    category: fc.constant("run"),
    start: fc.double({ min: 5, max: 50, noNaN: true }),
    duration: fc.double({ min: 0, max: 20, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 40 }), (spans) => {
      const events = eventsOf(spans);
      expect(events).toHaveLength(spans.length);
      expect(Math.min(...events.map(({ ts }) => ts))).toBe(0);
      const open = new Map<number, Event[]>();
      for (const event of events) {
        expect([event.ph, event.pid]).toEqual(["X", 1]);
        expect(Number.isInteger(event.ts) && event.ts >= 0 && Number.isInteger(event.dur) && event.dur >= 0).toBe(true);
        const stack = open.get(event.tid) ?? [];
        open.set(event.tid, stack);
        while (stack.length > 0 && stack.at(-1)!.ts + stack.at(-1)!.dur <= event.ts) stack.pop();
        const holder = stack.at(-1);
        if (holder) expect(event.ts + event.dur).toBeLessThanOrEqual(holder.ts + holder.dur);
        stack.push(event);
      }
    }),
  );
});

test("spans that follow each other or contain each other share a row", () => {
  const at = (name: string, start: number, duration: number): Span => ({ name, category: "run", start, duration });
  expect(eventsOf([at("epoch", 0, 10), at("a", 0, 4), at("b", 4, 6), at("c", 5, 1)]).map(({ tid }) => tid)).toEqual([1, 1, 1, 1]);
  expect(eventsOf([at("a", 0, 4), at("b", 2, 4)]).map(({ tid }) => tid)).toEqual([1, 2]);
});
