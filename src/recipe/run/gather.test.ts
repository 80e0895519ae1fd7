// What a run reads before it is planned: each photograph once, whichever way the network was found.

import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { makePictures, temporaryFolder } from "../../../test/learner/tiny.ts";
import { pool } from "../../data/load/load.node.ts";
import { closePool } from "../../data/load/loader.ts";
import { PixelFile } from "../../data/load/pixel-file.node.ts";
import { squeezeNet11 } from "../../nn/architectures/squeezenet.ts";
import { initialiseParameters, networkParameters, writeSafetensors } from "../../nn/index.ts";
import type { RecipeEvent } from "../events.ts";
import type { TrainOptions } from "../options.ts";
import { places } from "../places.node.ts";
import { storeFeatures } from "../store-features.ts";
import { train } from "../train.ts";

let folder: string;
let weights: string;
const PHOTOGRAPHS = 24;

beforeAll(async () => {
  folder = await makePictures(8, 4);
  weights = join(await temporaryFolder(), "squeezenet.safetensors");
  await writeFile(weights, writeSafetensors(initialiseParameters(networkParameters(squeezeNet11), "gather")));
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await closePool();
  await rm(folder, { recursive: true });
});

/** A run in new folders: what it said, what it stored, and how often photographs were read in it. */
async function run(options: Partial<TrainOptions> = {}) {
  const [scan, load] = [vi.spyOn(pool, "scan"), vi.spyOn(pool, "load")];
  const cache = await temporaryFolder();
  const events: RecipeEvent[] = [];
  const onEvent = (event: RecipeEvent): void => {
    events.push(event);
    options.onEvent?.(event);
  };
  const out = join(await temporaryFolder(), "model");
  const done = train({
    ...{ folder, cache, out, seed: 3, bs: 8, size: 48, epochs: [2], stages: ["precompute"], report: false, offline: true },
    ...options,
    onEvent,
  });
  const failure: unknown = await done.then(
    () => undefined,
    (error: unknown) => error,
  );
  // The saved model is timed on files, as its users have them: those have no hash.
  const loaded = load.mock.calls.filter(([{ hash }]) => hash !== undefined).length;
  const stored = new Map<string, string>();
  for (const entry of await readdir(cache, { recursive: true, withFileTypes: true })) {
    const place = join(entry.parentPath, entry.name);
    if (entry.isFile() && /\bc[.\d]+$/.test(entry.name)) stored.set(place.slice(cache.length), (await readFile(place)).toString("base64"));
  }
  const reads = [scan.mock.calls.length, loaded];
  vi.restoreAllMocks();
  return { events, failure, reads, stored, names: await readdir(cache) };
}

const numbersOf = (events: readonly RecipeEvent[]) =>
  events.flatMap((event) => (event.event === "epoch" ? [{ ...event, seconds: 0 }] : []));

test("each photograph is decoded once, and the results are those of decoding it again", { timeout: 120_000 }, async () => {
  const named: Partial<TrainOptions> = { arch: "squeezenet1_1", weights };
  const once = await run(named);
  expect([once.failure, once.reads]).toEqual([undefined, [PHOTOGRAPHS, 0]]);
  vi.spyOn(places, "pixels").mockReturnValue(undefined);
  const twice = await run(named);
  expect(twice.reads).toEqual([PHOTOGRAPHS, PHOTOGRAPHS]);
  expect(once.stored.size).toBeGreaterThan(1);
  expect(once.stored).toEqual(twice.stored);
  expect(numbersOf(once.events)).toEqual(numbersOf(twice.events));
  expect(once.names).toEqual(twice.names);
});

test("so is it if the network is chosen by their number, which is told after them", { timeout: 120_000 }, async () => {
  const { events, failure, reads } = await run();
  expect([failure, reads]).toEqual([undefined, [PHOTOGRAPHS, 0]]);
  const told = events.flatMap(({ event }) => (["data", "network", "recipe"].includes(event) ? [event] : []));
  expect(told).toEqual(["data", "network", "recipe"]);
});

test("a time limit counts it at the size that the run takes", async () => {
  vi.spyOn(places, "cores").mockReturnValue(2);
  // Half of it would be enough for tf_efficientnet_lite0's activations at 224 pixels (29 s for 2,000 photographs and one core), and not at 288.
  const enough = new AbortController();
  const onEvent = ({ event }: RecipeEvent) => event === "recipe" && enough.abort();
  const { events } = await run({ size: undefined, time: 0.45, signal: enough.signal, onEvent });
  expect(events.find(({ event }) => event === "network")).toMatchObject({ network: "thaw_small", missed: { why: "the time is short" } });
  expect(events.find(({ event }) => event === "recipe")).toMatchObject({ recipe: { stages: [{ network: "thaw_small", size: 192 }] } });
});

test.each<[string, Partial<TrainOptions>]>([
  ["named", { arch: "resnet18" }],
  ["shown by its weights", { weights: "hf:owner/repository/model.safetensors" }],
])("a folder that cannot be used is refused before a network that is %s is looked for", async (_, options) => {
  const one = await temporaryFolder();
  await cp(join(folder, "train", "red"), join(one, "red"), { recursive: true });
  expect((await run({ ...options, folder: join(one, "none") })).failure).toMatchObject({ message: expect.stringContaining("none") });
  expect((await run({ ...options, folder: one })).failure).toMatchObject({ message: expect.stringContaining('has only one class, "red"') });
  const table = join(one, "labels.csv");
  await writeFile(table, "name,label\nred/0.png,red\nred/1.png,red\n");
  expect((await run({ ...options, folder: one, csv: table })).failure).toMatchObject({ message: 'All images are of the class "red"' });
  const { failure, reads } = await run(options);
  expect(failure).toMatchObject({ message: expect.stringContaining("it is not in the cache") });
  expect(reads).toEqual([0, 0]);
});

test("of several sizes, only the first is not decoded again", { timeout: 120_000 }, async () => {
  const { failure, reads } = await run({ arch: "squeezenet1_1", weights, size: undefined, sizes: [48, 64] });
  expect([failure, reads]).toEqual([undefined, [PHOTOGRAPHS, PHOTOGRAPHS]]);
});

test("a run that is stopped, or that refuses its photographs, keeps no file open", { timeout: 120_000 }, async () => {
  const named: Partial<TrainOptions> = { arch: "squeezenet1_1", weights };
  const closed = vi.fn(PixelFile.prototype.close);
  const [original, stop] = [PixelFile.prototype.close, new AbortController()];
  PixelFile.prototype.close = closed;
  try {
    const stopped = await run({
      ...named,
      signal: stop.signal,
      onEvent: ({ event }) => event === "epoch" && stop.abort(new Error("Ctrl-C")),
    });
    expect(stopped.failure).toMatchObject({ message: "Ctrl-C" });
    expect(closed).toHaveBeenCalledTimes(1);
    const broken = await makePictures(2, 2);
    await writeFile(join(broken, "train", "red", "0.png"), "no picture");
    const refused = await run({ ...named, folder: broken });
    expect(refused.failure).toMatchObject({ name: "UsageError", message: expect.stringContaining("cannot be read") });
    expect(closed).toHaveBeenCalledTimes(2);
  } finally {
    PixelFile.prototype.close = original;
  }
});

test("features alone decode each photograph once, and a share of them keeps nothing", { timeout: 120_000 }, async () => {
  const features = async (share?: { shard: number; shards: number }) => {
    const load = vi.spyOn(pool, "load");
    await storeFeatures({ folder, cache: await temporaryFolder(), arch: "squeezenet1_1", weights, size: 48, share });
    const loaded = load.mock.calls.length;
    load.mockRestore();
    return loaded;
  };
  expect(await features()).toBe(0);
  expect(await features({ shard: 1, shards: 1 })).toBe(PHOTOGRAPHS);
});

test("the network of a file of weights is found too if --resume finds no run, which begins a new one", { timeout: 120_000 }, async () => {
  const { failure, events } = await run({ weights, resume: true });
  expect(failure).toBeUndefined();
  const recipe = events.find((event) => event.event === "recipe");
  expect(recipe?.recipe.stages.map(({ network }) => network)).toEqual(["squeezenet1_1"]);
});
