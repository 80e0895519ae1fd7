import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { OutOfPatience, withPatience } from "./patience.node.ts";

const patience = { answer: 100, trial: 100, download: 2000 };
const progress = (done: number) => ({ task: "Downloading", done, total: 10, unit: "MB" });
/** Waits until it is told to stop. */
const forever = (signal: AbortSignal | undefined) =>
  new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));

test("work that does not report is given up, whatever it waits for", async () => {
  const start = performance.now();
  const work = withPatience(({ signal }) => forever(signal), {}, patience);
  await expect(work).rejects.toMatchObject({ constructor: OutOfPatience, reason: "silent" });
  expect(performance.now() - start).toBeGreaterThanOrEqual(100);
});

test("a download that would take too long is given up as soon as its speed is known", async () => {
  const start = performance.now();
  const work = withPatience(
    async ({ signal, onProgress }) => {
      onProgress?.(progress(0));
      onProgress?.(progress(0.1));
      return forever(signal);
    },
    {},
    patience,
  );
  await expect(work).rejects.toMatchObject({ reason: "slow" });
  expect(performance.now() - start).toBeLessThan(1500);
});

test("a part that was there before does not count as speed", async () => {
  const work = withPatience(
    async ({ signal, onProgress }) => {
      onProgress?.(progress(9));
      return forever(signal);
    },
    {},
    patience,
  );
  await expect(work).rejects.toMatchObject({ reason: "slow" });
});

test("a download that gets on is waited for, and its progress is passed on", async () => {
  const seen: number[] = [];
  const work = withPatience(
    async ({ onProgress }) => {
      for (let done = 0; done <= 10; done++) {
        onProgress?.(progress(done));
        await wait(30);
      }
      return "here";
    },
    { onProgress: ({ done }) => seen.push(done) },
    { ...patience, download: 60_000 },
  );
  expect(await work).toBe("here");
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("the caller's signal ends the work with its own reason", async () => {
  const controller = new AbortController();
  const work = withPatience(({ signal }) => forever(signal), { signal: controller.signal }, patience);
  controller.abort(new Error("Ctrl-C"));
  await expect(work).rejects.toThrow("Ctrl-C");
});
