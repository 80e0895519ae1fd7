// The recipe on classifiers that are ONNX files: cut where a person says, repeated, gone on with, and trained as far as they can be.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { inspectOnnx, type RecipeEvent, type TrainOptions, train } from "../../src/index.ts";
import { onnxPath } from "../fixtures/onnx-models.ts";
import { makePictures } from "../learner/tiny.ts";

const file = onnxPath("convolutions.legacy13.norms.onnx");
let folder: string;
let cut: string;
let whole: Buffer;

beforeAll(async () => {
  folder = await makePictures(12, 4);
  cut = (await inspectOnnx(file)).split;
  await run("whole", { arch: file, cut });
  whole = await weightsOf("whole");
}, 60_000);

const place = (name: string): string => join(folder, "..", name);
const weightsOf = (name: string) => readFile(join(place(name), "weights.safetensors"));

async function run(name: string, options: Partial<TrainOptions>): Promise<readonly RecipeEvent[]> {
  const events: RecipeEvent[] = [];
  const { onEvent, ...others } = options;
  await train({
    folder,
    force: false,
    out: place(name),
    ...(options.recipe === undefined && { epochs: [1, 1, 1], bs: 8, tta: 0 }),
    ...others,
    onEvent(event) {
      events.push(event);
      onEvent?.(event);
    },
  });
  return events;
}

test("the recipe file keeps the network's path and cut, and repeats the run to the same bits", async () => {
  const recipe = join(place("whole"), "recipe.json");
  const written = JSON.parse(await readFile(recipe, "utf8"));
  expect(written).toMatchObject({ cut, weights: {} });
  expect(written.stages.map(({ network, size }: { network: string; size: number }) => [network, size])).toEqual(
    Array.from({ length: 3 }, () => [file, 32]),
  );
  await run("again", { recipe });
  expect(await weightsOf("again")).toEqual(whole);
  await run("uncut", { recipe, arch: file });
  expect(await weightsOf("uncut")).not.toEqual(whole);
});

test("a run that is stopped goes on to the same bits, and not with another cut", async () => {
  const stop = new AbortController();
  let epochs = 0;
  const onEvent = ({ event }: RecipeEvent): void => {
    if (event === "epoch" && ++epochs === 2) stop.abort(new Error("stopped"));
  };
  await expect(run("stopped", { arch: file, cut, signal: stop.signal, onEvent })).rejects.toThrow("stopped");
  await expect(run("stopped", { arch: file, resume: true })).rejects.toThrow(`The run that was stopped has cut ${cut}, and not no cut`);
  const events = await run("stopped", { arch: file, cut, resume: true });
  expect(events.some(({ event }) => event === "resumed")).toBe(true);
  expect(await weightsOf("stopped")).toEqual(whole);
});

test("what has no gradient stays frozen in the stage of all layers, with a warning", async () => {
  const events = await run("frozen", { arch: onnxPath("frozen.onnx") });
  const warnings = events.flatMap((event) => (event.event === "warning" ? [event.message] : []));
  expect(warnings).toContainEqual(expect.stringMatching(/^The first layer group of frozen\.onnx can only be frozen: Operator LRN/));
  expect(events.at(-1)).toMatchObject({ event: "done", stages: [{ name: "precompute" }, { name: "augment" }, { name: "unfreeze" }] });
});

test("a cut without an ONNX file is refused", async () => {
  await expect(run("none", { cut })).rejects.toThrow(`There is no ONNX file to cut at "${cut}"`);
});
