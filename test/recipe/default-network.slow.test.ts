// The network of a run that names none: what is here decides, the recipe keeps it, and so do repeating and resuming.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { mobileNetV2, publishedWeights, type RecipeEvent, type TrainOptions, train } from "../../src/index.ts";
import { architectureOf, initialiseParameters, networkParameters, writeSafetensors } from "../../src/nn/index.ts";
import { makePictures, temporaryFolder } from "../learner/tiny.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const network = "tf_efficientnet_lite0";
const row = publishedWeights.find(({ architecture }) => architecture === network)!;
let folder: string;
/** A cache of Hugging Face's tools with weights of the best measured network, and one without. */
let full: string;
let empty: string;

async function run(options: Partial<TrainOptions> & { out?: string }) {
  const out = options.out ?? join(await temporaryFolder(), "model");
  const events: RecipeEvent[] = [];
  const onEvent = (event: RecipeEvent): void => {
    events.push(event);
    options.onEvent?.(event);
  };
  const done = train({ folder, bs: 8, size: 32, stages: ["precompute"], epochs: [1], offline: true, ...options, out, onEvent });
  await done.catch(() => undefined);
  const of = <Name extends RecipeEvent["event"]>(name: Name) =>
    events.filter((event): event is Extract<RecipeEvent, { event: Name }> => event.event === name);
  const recipe = async () => JSON.parse(await readFile(join(out, "recipe.json"), "utf8"));
  return { out, done, of, recipe };
}

beforeAll(async () => {
  folder = await makePictures(16, 8);
  [full, empty] = [await temporaryFolder(), await temporaryFolder()];
  const cache = join(full, "hub", `models--${row.hub!.repository.replace("/", "--")}`);
  await mkdir(join(cache, "refs"), { recursive: true });
  await mkdir(join(cache, "snapshots", COMMIT), { recursive: true });
  await writeFile(join(cache, "refs", "main"), COMMIT);
  const content = writeSafetensors(initialiseParameters(networkParameters(architectureOf(network)), "default"));
  await writeFile(join(cache, "snapshots", COMMIT, "model.safetensors"), content);
});

beforeEach(() => {
  vi.stubEnv("HF_HOME", full);
  return () => vi.unstubAllEnvs();
});

test("weights that are here are taken, and the recipe names them with the reason; repeated, it takes them or says why not", {
  timeout: 300_000,
}, async () => {
  const { out, of, recipe } = await run({});
  expect(of("network")).toMatchObject([{ network, weights: row.name, source: "cache" }]);
  const { stages, weights, why } = await recipe();
  expect(stages).toMatchObject([{ network }]);
  expect(weights).toEqual({ [network]: row.name });
  expect(why.network).toMatch(/^tf_efficientnet_lite0, whose weights are here: \d+ % on \d sets of photographs, \d+ % with thaw_small/);

  const again = await run({ recipe: join(out, "recipe.json") });
  expect(again.of("network")).toEqual([]);
  expect(again.of("done")).toHaveLength(1);
  expect((await again.recipe()).weights).toEqual(weights);

  vi.stubEnv("HF_HOME", empty);
  await expect((await run({ recipe: join(out, "recipe.json") })).done).rejects.toThrow(
    `Cannot get ${row.hub!.repository}/model.safetensors: it is not in the cache`,
  );
});

test("without them it is the network that comes with thaw, which says what was missed; --resume keeps it", {
  timeout: 300_000,
}, async () => {
  vi.stubEnv("HF_HOME", empty);
  const controller = new AbortController();
  const stopping = await run({
    signal: controller.signal,
    epochs: [2],
    onEvent: ({ event }) => event === "epoch" && controller.abort(new Error("Ctrl-C")),
  });
  await expect(stopping.done).rejects.toThrow();
  expect(stopping.of("network")).toMatchObject([{ network: "thaw_small", source: "thaw", missed: { why: "nothing may be downloaded" } }]);

  vi.stubEnv("HF_HOME", full);
  const resumed = await run({ out: stopping.out, resume: true, epochs: [2] });
  expect(resumed.of("network")).toEqual([]);
  expect(resumed.of("resumed")).toHaveLength(1);
  expect(resumed.of("done")).toHaveLength(1);
  expect(await resumed.recipe()).toMatchObject({ stages: [{ network: "thaw_small" }], weights: {} });
});

test("a time limit that is short for the photographs takes the fast network", { timeout: 300_000 }, async () => {
  const { of } = await run({ time: 0.001 });
  expect(of("network")).toMatchObject([{ network: "thaw_small", missed: { why: "the time is short" } }]);
});

test("weights without a network show which it is; a file that fits several asks for the name", { timeout: 300_000 }, async () => {
  const weights = join(await temporaryFolder(), "weights.safetensors");
  await writeFile(weights, writeSafetensors(initialiseParameters(networkParameters(mobileNetV2), "shown")));
  const { recipe, of } = await run({ weights });
  expect(of("network")).toEqual([]);
  expect(await recipe()).toMatchObject({ stages: [{ network: "mobilenet_v2" }], weights: { mobilenet_v2: weights } });

  await writeFile(weights, writeSafetensors(initialiseParameters(networkParameters(architectureOf("tf_efficientnet_lite0")), "twins")));
  await expect((await run({ weights })).done).rejects.toMatchObject({
    name: "UsageError",
    message: `${weights} fits efficientnet_lite0 and tf_efficientnet_lite0`,
    hint: "Name the one that it was trained as with --arch.",
  });
});
