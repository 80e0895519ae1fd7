// Several labels per image, and numbers, through the whole recipe: on drawn pictures whose colours say what to learn.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { randomStream } from "../../src/core/index.ts";
import {
  ConvLearner,
  type DoneEvent,
  ImageClassifierData,
  loadClassifier,
  loadModel,
  loadRegressor,
  type RecipeEvent,
  squeezeNet11,
  tfmsFromModel,
  train,
} from "../../src/index.ts";
import { initialiseParameters, networkParameters, writeSafetensors } from "../../src/nn/index.ts";
import { makeWeights, temporaryFolder, tiny } from "../learner/tiny.ts";

const COUNT = 60;
const NAMES = Array.from({ length: COUNT }, (_, i) => `${i}`.padStart(2, "0"));

/** A folder of 40 × 30 pictures, each of one colour with noise: "red" and "green" where these channels are bright, and how bright blue is. */
async function drawColours(): Promise<string> {
  const root = join(await temporaryFolder(), "colours");
  await mkdir(root);
  const tags = ["image,tags"];
  const amounts = ["image,blue,unrelated"];
  for (const name of NAMES) {
    const random = randomStream("colours", name);
    const [red, green, blue] = [random.chance(0.5), random.chance(0.5), random.uniform(0, 1)];
    const level = [red ? 200 : 60, green ? 200 : 60, 30 + 200 * blue];
    const pixels = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => Math.max(0, Math.min(255, level[i % 3]! + 10 * random.normal())));
    await sharp(pixels, { raw: { width: 40, height: 30, channels: 3 } })
      .png()
      .toFile(join(root, `${name}.png`));
    tags.push(`${name},${[...(red ? ["red"] : []), ...(green ? ["green"] : [])].join(" ")}`);
    amounts.push(`${name},${1000 + 500 * blue},7`);
  }
  await writeFile(join(root, "tags.csv"), `${tags.join("\n")}\n`);
  await writeFile(join(root, "amounts.csv"), `${amounts.join("\n")}\n`);
  return root;
}

let folder: string;
let weights: string;
const tfms = tfmsFromModel(tiny, 32, { crop: "none" });

beforeAll(async () => {
  [folder, weights] = await Promise.all([drawColours(), makeWeights()]);
});

describe("several labels per image", () => {
  test("are learnt, measured, and averaged over augmented views", async () => {
    const data = await ImageClassifierData.fromCsv(folder, "", "tags.csv", { tfms, bs: 16, suffix: ".png" });
    expect([data.kind, data.isMulti, data.c, data.classes]).toEqual(["multi", true, 2, ["green", "red"]]);
    const learner = await ConvLearner.pretrained(tiny, data, { weights, seed: 7, precompute: true });
    const { lrs } = await learner.lrFind({ steps: 20 });
    expect(lrs.length).toBeGreaterThan(10);
    const epochs = await learner.fit(0.05, 24);
    const last = epochs.at(-1)!;
    expect(Object.keys(last.metrics ?? {})).toEqual(["accuracy", "f1", "f2"]);
    expect(last.accuracy).toBeGreaterThan(0.9);
    expect(last.validLoss).toBeLessThan(0.4);
    const { targets, probabilities, files, accuracy, stack } = await learner.tta(2);
    expect(files).toEqual(data.valid.map(({ name }) => name));
    expect([...targets]).toEqual(data.valid.flatMap(({ labels }) => [0, 1].map((label) => Number(labels?.includes(label)))));
    const right = probabilities.filter((p, i) => p >= 0.5 === (targets[i] === 1)).length;
    expect(accuracy).toBeCloseTo(right / targets.length, 10);
    expect(stack).toHaveLength(3);
    learner.threshold = 0.999999;
    expect((await learner.predict()).accuracy).toBeLessThan(accuracy);
  });
});

describe("numbers", () => {
  test("are learnt in any units, and predicted in them", async () => {
    const data = await ImageClassifierData.fromCsv(folder, "", "amounts.csv", {
      tfms,
      bs: 16,
      suffix: ".png",
      continuous: true,
      labelColumns: "blue",
    });
    expect([data.kind, data.isReg, data.classes]).toEqual(["continuous", true, ["blue"]]);
    for (const crit of ["mse", "l1"] as const) {
      const learner = await ConvLearner.pretrained(tiny, data, { weights, seed: 7, precompute: true, crit, ps: 0 });
      const epochs = await learner.fit(0.002, 1, { cycleLen: 30 });
      expect(epochs.at(-1)?.metrics?.r2).toBeGreaterThan(0.5);
      expect(epochs.at(-1)?.accuracy).toBeNaN();
      const { values, targetValues, metrics, probabilities } = await learner.predict();
      expect(probabilities).toHaveLength(0);
      expect([...targetValues!]).toEqual(data.valid.flatMap((item) => item.values ?? []));
      const squares = [...values!].map((value, i) => (value - targetValues![i]!) ** 2);
      expect(metrics?.rmse).toBeCloseTo(Math.sqrt(squares.reduce((a, b) => a + b) / squares.length), 3);
    }
  });

  test("of several columns are measured each in its own unit, and a column that never changes does no harm", async () => {
    const data = await ImageClassifierData.fromCsv(folder, "", "amounts.csv", { tfms, bs: 16, suffix: ".png", continuous: true });
    const learner = await ConvLearner.pretrained(tiny, data, { weights, seed: 7 });
    const [epoch] = await learner.fit(0.01, 1);
    expect(Object.keys(epoch?.metrics ?? {})).toEqual(["r2", "rmse blue", "rmse unrelated"]);
    for (const value of [epoch?.validLoss, ...Object.values(epoch?.metrics ?? {})]) expect(value).toBeTypeOf("number");
    expect(Object.values(epoch?.metrics ?? {}).every(Number.isFinite)).toBe(true);
  });
});

test("a learner takes no data of another kind of target", async () => {
  const values = [
    [1, 0],
    [0, 1],
    [1, 1],
    [0, 0],
  ];
  const dataOf = (continuous: boolean) =>
    ImageClassifierData.fromNamesAndArray(folder, NAMES.slice(0, 4), values, {
      tfms,
      suffix: ".png",
      classes: ["blue", "other"],
      valIdxs: [0],
      continuous,
    });
  const [tags, numbers] = await Promise.all([dataOf(false), dataOf(true)]);
  const learner = await ConvLearner.pretrained(tiny, tags, { weights });
  await expect(learner.setData(numbers)).rejects.toThrow('Expected targets of the kind "multi" for the new data but received "continuous"');
});

describe("the recipe on a table", () => {
  const events: RecipeEvent[] = [];
  let squeeze: string;

  async function run(csv: string, out: string, continuous: boolean): Promise<DoneEvent> {
    events.length = 0;
    return train({
      folder,
      csv,
      table: { suffix: ".png", ...(continuous && { continuous, labelColumns: ["blue"] }) },
      arch: "squeezenet1_1",
      weights: squeeze,
      seed: 42,
      bs: 16,
      size: 48,
      force: true,
      out: join(folder, "..", out),
      onEvent: (event) => void events.push(event),
    });
  }

  beforeAll(async () => {
    squeeze = join(await temporaryFolder(), "squeezenet.safetensors");
    await writeFile(squeeze, writeSafetensors(initialiseParameters(networkParameters(squeezeNet11), "recipe")));
  });

  test("of labels saves a classifier of several labels that is as good as reported", async () => {
    const done = await run("tags.csv", "tags-model", false);
    expect(events.find(({ event }) => event === "data")).toMatchObject({
      event: "data",
      kind: "multi",
      classes: ["green", "red"],
      train: 48,
      valid: 12,
    });
    expect(Object.keys(done)).toEqual(["event", "accuracy", "ttaAccuracy", "metrics", "ttaMetrics", "stages", "model", "report"]);
    expect(done.accuracy).toBe(Math.max(...done.stages.filter(({ kept, name }) => kept && name !== "tta").map(({ accuracy }) => accuracy)));
    const description = JSON.parse(await readFile(join(done.model, "model.json"), "utf8"));
    expect([description.version, description.target]).toEqual([4, { kind: "multi", threshold: 0.5 }]);

    const data = await ImageClassifierData.fromCsv(folder, "", "tags.csv", { tfms, suffix: ".png" });
    const model = await loadClassifier(done.model);
    expect(model.kind).toBe("multi");
    let right = 0;
    for (const [i, item] of data.valid.entries()) {
      const predictions = await model.predict(item.file);
      for (const { class: name, probability, present } of predictions) {
        expect(present).toBe(probability >= 0.5);
        right += Number(present === item.labels?.includes(data.classes.indexOf(name)));
      }
      if (i === 0)
        expect(predictions.map(({ probability }) => probability)).toEqual(predictions.map((p) => p.probability).sort((a, b) => b - a));
    }
    await model.dispose();
    expect(right / (2 * data.valid.length)).toBe(done.accuracy);
    await expect(loadRegressor(done.model)).rejects.toThrow(`The model in ${done.model} predicts classes, not numbers`);
  }, 180_000);

  test("of numbers saves a regressor that is as good as reported, the best of its stages by loss", async () => {
    const done = await run("amounts.csv", "amounts-model", true);
    expect(events.find(({ event }) => event === "data")).toMatchObject({ event: "data", kind: "continuous", classes: ["blue"] });
    expect(done.accuracy).toBeNaN();
    const losses = events.flatMap((event) => (event.event === "epoch" ? [event] : []));
    const best = losses.reduce((a, b) => (b.validLoss < a.validLoss ? b : a));
    expect(done.metrics).toEqual(best.metrics);

    const data = await ImageClassifierData.fromCsv(folder, "", "amounts.csv", {
      tfms,
      suffix: ".png",
      continuous: true,
      labelColumns: "blue",
    });
    const model = await loadRegressor(done.model);
    expect([model.kind, model.columns]).toEqual(["continuous", ["blue"]]);
    const squares: number[] = [];
    for await (const result of model.predictFiles([...data.valid.map(({ file }) => file), join(folder, "tags.csv")])) {
      if ("error" in result) expect(result).toMatchObject({ file: join(folder, "tags.csv"), error: expect.any(String) });
      else squares.push((result.values.get("blue")! - data.valid[squares.length]!.values![0]!) ** 2);
    }
    await model.dispose();
    expect(squares).toHaveLength(12);
    expect(Math.sqrt(squares.reduce((a, b) => a + b) / 12)).toBeCloseTo(done.metrics!.rmse!, 2);
    await expect(loadClassifier(done.model)).rejects.toThrow(`The model in ${done.model} predicts numbers (blue), not classes`);
    const either = await loadModel(done.model);
    expect(either.kind).toBe("continuous");
    await either.dispose();
  }, 180_000);
});
