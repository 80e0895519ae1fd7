// What a page has of thaw's worker, in a real browser: it goes on drawing while all layers train, and stops the run within a step.

import { beforeAll, expect, test } from "vitest";
import { noisyPictures } from "../../test/fixtures/noisy-pictures.ts";
import { databaseStore } from "../core/store/database.browser.ts";
import type { RecipeEvent } from "../recipe/events.ts";
import { train } from "../recipe/train.ts";
import type { WorkerTrainOptions } from "./messages.ts";
import { trainInWorker } from "./train-in-worker.browser.ts";

const LONG = { timeout: 600_000 };
const folder = noisyPictures();
/** All layers of the network, in few and long steps on one thread. */
const COURSE = {
  size: 96,
  bs: 4,
  seed: 5,
  stages: ["unfreeze"],
  epochs: [2],
  lrs: [0.001],
  tta: 0,
  precision: "fp32",
  threads: 1,
} as const;

beforeAll(() => databaseStore("free").replace(new Map()));

/** The share of the time of `work` in which the page could not draw, beyond 50 ms without a frame; and the longest time without one. */
async function heldUp(work: () => Promise<unknown>): Promise<{ share: number; longest: number }> {
  const start = performance.now();
  let [last, over, lost, longest] = [start, false, 0, 0];
  const seen = (now: number): void => {
    lost += Math.max(0, now - last - 50);
    longest = Math.max(longest, now - last);
    last = now;
    if (!over) requestAnimationFrame(() => seen(performance.now()));
  };
  requestAnimationFrame(() => seen(performance.now()));
  await work();
  over = true;
  seen(performance.now());
  return { share: lost / (last - start), longest };
}

test("the page draws while thaw's worker trains, which it could not if it trained itself", LONG, async ({ annotate }) => {
  const place = (name: string) => ({ folder, cache: "free/cache", out: `free/${name}`, ...COURSE });
  const inWorker = await heldUp(() => trainInWorker(place("worker")));
  const inPage = await heldUp(() => train(place("page")));
  const said = ({ share, longest }: typeof inPage) => `${(100 * share).toFixed(1)} %, at most ${longest.toFixed(0)} ms`;
  await annotate(`without a frame: ${said(inWorker)} with the worker; ${said(inPage)} without`);
  expect(inPage.share).toBeGreaterThan(0.3);
  // On a machine whose cores are all busy the system lets any page wait sometimes.
  expect(inWorker.share).toBeLessThan(inPage.share / 4);
});

/** The photographs that the epoch has learnt from, as the run reports them. */
function trained(event: RecipeEvent): number | undefined {
  return event.event === "progress" && event.task.startsWith("Training, epoch 1") ? event.done : undefined;
}

test("a signal stops the run within the step that is under way", LONG, async () => {
  const stop = new AbortController();
  const place = { folder, cache: "free/cache", out: "free/stopped", ...COURSE, epochs: [1] };
  let [stoppedAt, after] = [0, 0];
  const onEvent: WorkerTrainOptions["onEvent"] = (event) => {
    const done = trained(event);
    if (done === undefined) return;
    if (stop.signal.aborted) after++;
    stoppedAt ||= done;
    stop.abort(new Error("enough"));
  };
  await expect(trainInWorker({ ...place, signal: stop.signal, onEvent })).rejects.toThrow("enough");
  const resumed: number[] = [];
  await trainInWorker({ ...place, resume: true, onEvent: (event) => void resumed.push(...[trained(event) ?? []].flat()) });
  expect(stoppedAt).toBeGreaterThan(0);
  expect(after).toBeLessThanOrEqual(1);
  // The step that ran when the signal came is kept; the first report after that is of the next.
  expect(resumed[0]).toBeLessThanOrEqual(stoppedAt + 2 * COURSE.bs);
});
