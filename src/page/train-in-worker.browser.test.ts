// A run in thaw's worker, in a real browser: what the page sees of it, how it is stopped and resumed, and that the page goes on drawing.

import { beforeAll, expect, test } from "vitest";
import { memoryTree } from "../../test/fixtures/memory-tree.ts";
import { loadClassifier } from "../classifier/classifier.ts";
import { UsageError } from "../core/errors.ts";
import { randomStream } from "../core/random.ts";
import { databaseStore } from "../core/store/database.browser.ts";
import { encodeBmp } from "../data/decode/formats/bmp.ts";
import type { FileTree } from "../data/files/file-tree.ts";
import type { DoneEvent, RecipeEvent } from "../recipe/events.ts";
import type { WorkerTrainOptions } from "./messages.ts";
import { trainInWorker } from "./train-in-worker.browser.ts";

const SIDE = 40;
const LONG = { timeout: 600_000 };

/** Noisy pictures, reddish and bluish. */
function pictures(): FileTree {
  const files = new Map<string, Uint8Array>();
  for (const [part, count] of Object.entries({ train: 8, valid: 4 }))
    for (const [label, name] of ["blue", "red"].entries())
      for (let i = 0; i < count; i++) {
        const random = randomStream("page", part, label, i);
        const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => {
          const level = (at % 3 === 2 * (1 - label) ? 200 : 80) + 25 * random.normal();
          return Math.max(0, Math.min(255, Math.round(level)));
        });
        files.set(`${part}/${name}/${i}.bmp`, encodeBmp({ width: SIDE, height: SIDE, data }));
      }
  return memoryTree(files);
}

const folder = pictures();
/** The head alone, on cached activations: test/contract/sample.platforms.ts goes through all stages. */
const SMALL = { size: 32, bs: 4, seed: 5, stages: ["precompute"], epochs: [7], precision: "fp32", threads: 1 } as const;

async function run(options: Partial<WorkerTrainOptions> = {}): Promise<{ events: RecipeEvent[]; done: DoneEvent }> {
  const events: RecipeEvent[] = [];
  const onEvent = (event: RecipeEvent) => {
    events.push(event);
    options.onEvent?.(event);
  };
  const done = await trainInWorker({ folder, cache: "page/cache", out: "page/model", ...SMALL, ...options, onEvent });
  return { events, done };
}

const epochsOf = (events: readonly RecipeEvent[]) =>
  events.flatMap((event) => (event.event === "epoch" ? [[event.stage, event.epoch, event.trainLoss, event.validLoss]] : []));
const weightsOf = (model: string) => databaseStore(model).get("weights.safetensors");

let whole: Awaited<ReturnType<typeof run>>;
const gaps: number[] = [];

beforeAll(async () => {
  await databaseStore("page").replace(new Map());
  let [last, measuring] = [performance.now(), true];
  const frame = (now: number) => {
    gaps.push(now - last);
    last = now;
    if (measuring) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  whole = await run();
  measuring = false;
}, LONG.timeout);

test("a page sees the events of the run, and the model is there when it ends", LONG, async () => {
  const { events, done } = whole;
  expect(done).toMatchObject({ event: "done", model: "page/model", accuracy: 1 });
  expect(events.at(-1)).toEqual(done);
  const stages = events.flatMap((event) => (event.event === "stageEnd" ? [event.name] : []));
  expect(stages).toEqual(["precompute"]);
  const model = await loadClassifier(done.model);
  const answers = await Promise.all(["blue", "red"].map(async (name) => model.predict(await folder.read!(`valid/${name}/0.bmp`))));
  await model.dispose();
  expect(answers.map(([best]) => best?.class)).toEqual(["blue", "red"]);
});

test("the page draws meanwhile", async ({ annotate }) => {
  const sorted = gaps.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number;
  await annotate(
    `${gaps.length} frames; median gap ${at(0.5).toFixed(1)} ms, 99 of 100 below ${at(0.99).toFixed(1)} ms, longest ${at(1).toFixed(1)} ms`,
  );
  expect(gaps.length).toBeGreaterThan(100);
  // A frame lasts 16.7 ms; on a machine whose cores are all busy the system lets a page wait sometimes, but not for a step of training.
  expect(at(0.5)).toBeLessThan(18);
});

test("a run that is stopped in the middle ends at once, and goes on later to the same bits", LONG, async ({ annotate }) => {
  const stop = new AbortController();
  const out = "page/stopped";
  let stoppedAt = 0;
  const stopped = run({
    out,
    signal: stop.signal,
    onEvent(event) {
      if (event.event !== "epoch" || event.epoch < 3 || stop.signal.aborted) return;
      stoppedAt = performance.now();
      stop.abort(new Error("enough"));
    },
  });
  await expect(stopped).rejects.toThrow("enough");
  await annotate(`stopped, and the best model saved, after ${Math.round(performance.now() - stoppedAt)} ms`);
  expect(await weightsOf(out)).toBeUndefined();
  const { events } = await run({ out, resume: true });
  expect(events.some(({ event }) => event === "resumed")).toBe(true);
  expect(epochsOf(events)).toEqual(epochsOf(whole.events));
  expect(await weightsOf(out)).toEqual(await weightsOf("page/model"));
});

test("what the user can mend comes as a UsageError with its cure", LONG, async () => {
  const mistakes: readonly (readonly [Partial<WorkerTrainOptions>, string])[] = [
    [{ arch: "resnet43" }, 'There is no network "resnet43"'],
    [{}, "page/model already holds a model"],
    [{ out: "page/other", folder: memoryTree(new Map([["a/1.bmp", new Uint8Array(3)]])) }, ""],
  ];
  for (const [options, message] of mistakes) {
    const error = await run(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(message);
    expect((error as UsageError).hint).toBeTruthy();
  }
});

test("of two runs that make the same model at once, the second is refused", LONG, async () => {
  const out = "page/twice";
  let second: Promise<unknown> | undefined;
  const first = run({
    out,
    // Long enough for the second worker to start meanwhile.
    epochs: [31],
    onEvent(event) {
      if (event.event === "data") second = run({ out }).catch((error: unknown) => error);
    },
  });
  expect(await first).toMatchObject({ done: { model: out } });
  expect(await second).toMatchObject({ name: "UsageError", message: expect.stringContaining("Another run makes page/twice") });
});
