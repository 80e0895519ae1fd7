// A run in thaw's worker, in a real browser: what the page sees of it, and how it is stopped and resumed.

import { beforeAll, expect, test } from "vitest";
import { memoryTree } from "../../test/fixtures/memory-tree.ts";
import { noisyPictures } from "../../test/fixtures/noisy-pictures.ts";
import { loadClassifier } from "../classifier/classifier.ts";
import { UsageError } from "../core/errors.ts";
import { databaseStore } from "../core/store/database.browser.ts";
import type { DoneEvent, RecipeEvent } from "../recipe/events.ts";
import type { WorkerTrainOptions } from "./messages.ts";
import { trainInWorker } from "./train-in-worker.browser.ts";

const LONG = { timeout: 600_000 };

const folder = noisyPictures();
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

beforeAll(async () => {
  await databaseStore("page").replace(new Map());
  whole = await run();
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
  // Element by element, vitest would compare megabytes for a minute.
  const [first, second] = await Promise.all([out, "page/model"].map(async (model) => (await weightsOf(model)) as Uint8Array));
  expect(first?.length).toBeGreaterThan(0);
  expect(first?.length === second?.length && first?.every((byte, i) => byte === second?.[i])).toBe(true);
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
