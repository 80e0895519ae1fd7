// A run that is stopped anywhere and gone on with leaves the bits of one that was not, and so does one that repeats its recipe. ALL_STOPS=1 tries
// two sizes and more places to stop at: minutes.

import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadClassifier, type RecipeEvent, squeezeNet11, type TrainOptions, train } from "../../src/index.ts";
import { initialiseParameters, networkParameters, writeSafetensors } from "../../src/nn/index.ts";
import { makePictures, temporaryFolder } from "../learner/tiny.ts";

let folder: string;
let weights: string;
let whole: string;
const places: Record<string, string> = {};

const many = process.env.ALL_STOPS !== undefined;
const sizes = many ? [32, 48] : [32];
const settings: Partial<TrainOptions> = { arch: "squeezenet1_1", sizes, epochs: [2, 1, 1], bs: 8, seed: 3, tta: 1 };
/** An event, and how many of it come before the stop. */
const stops = [
  ["in the second stage", "stage", 2],
  ["after the epoch of the unfrozen network", "epoch", 4],
  ...(many
    ? ([
        ["while it looks for a rate", "progress", 40],
        ["where the second size begins", "lr", 4],
        ["before its views", "stageEnd", 6],
      ] as const)
    : []),
] as const;

async function run(name: string, options: Partial<TrainOptions> = {}): Promise<readonly RecipeEvent[]> {
  const events: RecipeEvent[] = [];
  const { onEvent, ...others } = options;
  places[name] ??= join(folder, "..", name);
  await train({
    folder,
    weights,
    force: false,
    out: places[name],
    ...settings,
    ...others,
    onEvent(event) {
      events.push(event);
      onEvent?.(event);
    },
  });
  return events;
}

/** Runs until `event` has come `count` times, and then stops at the next safe point. Returns what it said at its end. */
async function stopAt(
  name: string,
  event: RecipeEvent["event"],
  count: number,
  options: Partial<TrainOptions> = {},
): Promise<RecipeEvent | undefined> {
  const stop = new AbortController();
  let [seen, last]: [number, RecipeEvent | undefined] = [0, undefined];
  const onEvent = (now: RecipeEvent): void => {
    last = now;
    options.onEvent?.(now);
    if (now.event === event && ++seen === count) stop.abort(new Error("stopped"));
  };
  await expect(run(name, { ...options, signal: stop.signal, onEvent })).rejects.toThrow("stopped");
  return last;
}

const bytesOf = (name: string) => readFile(join(places[name] as string, "weights.safetensors"));
const withoutTimes = (events: readonly RecipeEvent[]) =>
  events.filter(({ event }) => event === "epoch").map((event) => ({ ...event, seconds: 0, resumed: undefined }));

let first: readonly RecipeEvent[];
beforeAll(async () => {
  folder = await makePictures(12, 4);
  weights = join(await temporaryFolder(), "squeezenet.safetensors");
  await writeFile(weights, writeSafetensors(initialiseParameters(networkParameters(squeezeNet11), "recipe")));
  first = await run("whole");
  whole = (await bytesOf("whole")).toString("base64");
}, 120_000);

describe("a run", () => {
  test("goes through its stages at each size, and says where it is", () => {
    const stages = first.flatMap((event) => (event.event === "stageEnd" ? [[event.name, event.size]] : []));
    const names = ["precompute", "augment", "unfreeze"];
    const expected = sizes.flatMap((size) => names.map((name) => [name, many ? size : undefined]));
    expect(stages).toEqual([...expected, ["tta", undefined]]);
  });

  test("leaves a recipe with every rate in it, and a record of its curves and predictions", async () => {
    const recipe = JSON.parse(await readFile(join(places.whole as string, "recipe.json"), "utf8"));
    expect(recipe.stages.map(({ lr }: { lr: number }) => lr).every((lr: number) => lr > 0)).toBe(true);
    const record = JSON.parse(await readFile(join(places.whole as string, "run.json"), "utf8"));
    expect(record.recipe).toEqual(recipe);
    expect(record.stages[0].finder.lrs.length).toBe(record.stages[0].finder.losses.length);
    expect(record.stages.map(({ sched }: { sched: { lrs: number[] } }) => sched.lrs.length)).toEqual(sizes.flatMap(() => [6, 3, 3]));
    expect(record.predictions.files).toHaveLength(8);
    expect(record.predictions.outputs).toHaveLength(16);
    expect(existsSync(`${places.whole}.unfinished`)).toBe(false);
  });
});

test("a run that repeats a recipe leaves the same bits, without looking for rates", { timeout: 180_000 }, async () => {
  const events: RecipeEvent[] = [];
  const out = join(folder, "..", "again");
  await train({
    folder,
    force: false,
    out,
    recipe: join(places.whole as string, "recipe.json"),
    onEvent: (event) => void events.push(event),
  });
  expect((await readFile(join(out, "weights.safetensors"))).toString("base64")).toBe(whole);
  expect(events.some((event) => event.event === "progress" && event.task.startsWith("Finding"))).toBe(false);
  expect(withoutTimes(events)).toEqual(withoutTimes(first));
});

describe("a run that is stopped", () => {
  test.each(stops)("%s goes on to the same bits", { timeout: 180_000 }, async (name, event, count) => {
    const stopped = await stopAt(name, event, count);
    expect(stopped).toMatchObject({ event: "stopped", folder: `${places[name]}.unfinished` });
    expect(existsSync(places[name] as string)).toBe(false);
    const events = await run(name, { resume: true });
    expect((await bytesOf(name)).toString("base64")).toBe(whole);
    expect(events.some((one) => one.event === "resumed")).toBe(true);
    expect(withoutTimes(events)).toEqual(withoutTimes(first));
    expect(existsSync(`${places[name]}.unfinished`)).toBe(false);
  });

  test("leaves its best model so far, which predicts", async () => {
    const stopped = await stopAt("best", "epoch", 3);
    const best = stopped?.event === "stopped" ? stopped.best : undefined;
    const model = await loadClassifier(best?.model as string);
    expect(await model.predict(join(folder, "valid", "red", "0.png"))).toHaveLength(2);
    await model.dispose();
  });

  test("is mentioned where it is not gone on with, and gives way", async () => {
    await stopAt("mentioned", "epoch", 1);
    const messages: string[] = [];
    const onEvent = (event: RecipeEvent) => void (event.event === "warning" && messages.push(event.message));
    await stopAt("mentioned", "stage", 1, { onEvent });
    expect(messages).toEqual([`A run that was stopped is in ${places.mentioned}.unfinished, and this one replaces it`]);
  });

  test("with other settings, other weights or other photographs, is refused", async () => {
    await stopAt("refused", "epoch", 1);
    await expect(run("refused", { resume: true, bs: 4 })).rejects.toMatchObject({
      name: "UsageError",
      message: "The run that was stopped has bs 8, and not bs 4",
    });
    const own = await readFile(weights);
    await writeFile(weights, writeSafetensors(initialiseParameters(networkParameters(squeezeNet11), "other")));
    await expect(run("refused", { resume: true })).rejects.toThrow("is the checkpoint of another fit");
    await writeFile(weights, own);
    const picture = join(folder, "train", "red", "0.png");
    const bytes = await readFile(picture);
    await writeFile(picture, await readFile(join(folder, "train", "blue", "0.png")));
    await expect(run("refused", { resume: true })).rejects.toThrow(
      "The photographs, or their labels, have changed since the run was stopped",
    );
    await writeFile(picture, bytes);
    await rm(`${places.refused}.unfinished`, { recursive: true });
  });
});

test("to go on with a run that is over gives its result, and with none begins one", { timeout: 180_000 }, async () => {
  const again = await run("whole", { resume: true });
  expect(again).toEqual([first.find(({ event }) => event === "saved"), first.at(-1)]);
  const stopped = await stopAt("none", "stage", 1, { resume: true });
  expect(stopped?.event).toBe("stopped");
});

test("a run with hardly any time trains an epoch, says what it leaves out, and its recipe repeats it", { timeout: 180_000 }, async () => {
  const events = await run("short", { time: 0.001 });
  const shortened = events.flatMap((event) => (event.event === "shortened" ? [[event.stage, event.epochs, event.planned]] : []));
  expect(shortened.slice(0, 3)).toEqual([
    ["precompute", 1, 2],
    ["augment", 0, 1],
    ["unfreeze", 0, 1],
  ]);
  expect(shortened.at(-1)).toEqual(["tta", 0, 1]);
  const bytes = (await bytesOf("short")).toString("base64");
  await train({
    folder,
    force: true,
    out: join(folder, "..", "short-again"),
    recipe: join(places.short as string, "recipe.json"),
    onEvent: () => {},
  });
  expect((await readFile(join(folder, "..", "short-again", "weights.safetensors"))).toString("base64")).toBe(bytes);
});
