// What a fit can do beside its schedule: mixed batches, averages, measures, clipping, skipped validations, and stopping at any moment.

import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { float32, randomStream } from "../../src/core/index.ts";
import { type Batch, loadBatches } from "../../src/data/index.ts";
import {
  ConvLearner,
  earlyStopping,
  ema,
  type ImageClassifierData,
  type LearnerOptions,
  loadSnapshot,
  mixUp,
  type Progress,
  reduceOnPlateau,
  sgd,
  stopOnNaN,
  type WorkOptions,
} from "../../src/index.ts";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "./tiny.ts";

let weights: string;
let data: ImageClassifierData;

// 40 images in batches of 8: five steps an epoch.
beforeAll(async () => {
  weights = await makeWeights();
  data = await tinyData(await makePictures(20, 5));
});

async function learnerOf(options: Partial<LearnerOptions> = {}): Promise<ConvLearner> {
  return ConvLearner.pretrained(tiny, data, { weights, seed: 7, precompute: true, ...options });
}

function valuesOf(parameters: ConvLearner["parameters"], prefix = ""): readonly number[] {
  return [...parameters].filter(([name]) => name.startsWith(prefix)).flatMap(([, value]) => Array.from(value.data as Float32Array));
}

describe("mixed batches", () => {
  test.each([
    ["mixUp of images", { mixUp: true }, false],
    ["mixUp of activations", { mixUp: { alpha: 1 } }, true],
    ["cutMix", { cutMix: true }, false],
    ["either", { mixUp: true, cutMix: { alpha: 0.5 } }, false],
  ] as const)("%s changes what is learnt, and repeats", async (_, options, precompute) => {
    const heads: (readonly number[])[] = [];
    for (const mix of [options, options, {}]) {
      const learner = await learnerOf({ precompute });
      await learner.fit(0.01, 1, mix);
      heads.push(valuesOf(learner.parameters, "head."));
    }
    expect(heads[1]).toEqual(heads[0]);
    expect(heads[2]).not.toEqual(heads[0]);
  });

  test("where no batch is mixed with anything else, training is as without", async () => {
    const [plain, mixed] = [await learnerOf(), await learnerOf()];
    await plain.fit(0.01, 1, { bs: 40 });
    // An alpha of next to nothing draws λ of 0 or 1.
    await mixed.fit(0.01, 1, { bs: 40, mixUp: { alpha: 1e-6 } });
    expect(valuesOf(mixed.parameters, "head.")).toBeAllClose(valuesOf(plain.parameters, "head."), 1e-5);
  });

  test("the loss of a step with mixUp is that towards both of an image's labels, by the shares of the two images", async () => {
    const learner = await learnerOf({ precompute: false, ps: 0 });
    learner.bnFreeze = true;
    await learner.fit(0.05, 3);
    // One step on all images in the fourth epoch, in which no weight moves.
    await learner.fit(0, 1, { bs: 40, mixUp: { alpha: 1 } });
    const order = data.trainOrder(7, 3);
    const labels = order.map((index) => data.train[index]!.label);
    const options = { items: data.train, spec: data.tfms.train, batchSize: 40, order, seed: 7, epoch: 3 };
    const { pixels } = (await loadBatches(options).next()).value as Batch;
    // Mixing the unit vectors gives the shares: row i is the part of each image in image i.
    const unit = float32(
      labels.flatMap((_, i) => labels.map((_, j) => (i === j ? 1 : 0))),
      [40, 40],
    );
    const shares = mixUp({ pixels: unit, targets: unit }, randomStream(7, "mix", 3, order.join()), { alpha: 1 }).pixels.data;
    const length = pixels.data.length / 40;
    const blended = pixels.data.map((_, at) => {
      const [image, place] = [Math.floor(at / length), at % length];
      return Math.round(labels.reduce((sum, _, other) => sum + shares[40 * image + other]! * pixels.data[length * other + place]!, 0));
    });
    const { probabilities } = await learner.predict({ of: { array: { ...pixels, data: blended } } });
    const towards = (image: number, label: number) => -Math.log(probabilities[2 * image + label]!);
    const mean = (lossOf: (image: number) => number) => labels.reduce((sum, _, image) => sum + lossOf(image), 0) / 40;
    const loss = mean((image) => labels.reduce((sum, label, other) => sum + shares[40 * image + other]! * towards(image, label), 0));
    expect(learner.sched?.losses).toEqual([expect.closeTo(loss, 3)]);
    expect(Math.abs(loss - mean((image) => towards(image, labels[image]!)))).toBeGreaterThan(0.02);
  });

  test("cutMix of activations is refused, but not where pixels cross the freeze point", async () => {
    const learner = await learnerOf();
    await expect(learner.fit(0.01, 1, { cutMix: true })).rejects.toThrow(
      "cutMix needs images, and with precompute training sees activations",
    );
    learner.unfreeze();
    learner.precompute = true;
    await learner.fit(0.001, 1, { cutMix: true });
  });
});

describe("averages", () => {
  test("swa is measured every swaEvalFreq epochs and after the last, and predicts what was measured", async () => {
    const learner = await learnerOf();
    await learner.fit(0.01, 4, { useSwa: true, swaStart: 2, swaEvalFreq: 2 });
    expect(learner.swaResults.map(({ epoch }) => epoch)).toEqual([2, 4]);
    const { loss, accuracy } = await learner.predict({ parameters: learner.swa });
    expect(learner.swaResults.at(-1)).toEqual({ epoch: 4, validLoss: expect.closeTo(loss, 6), accuracy });
  });

  test("statistics are counted anew for the weights of ema, as for any", async () => {
    const learner = await learnerOf({ ps: 0 });
    const average = ema({ decay: 0.5 });
    await learner.fit(0.01, 1, { callbacks: [average] });
    const averaged = average.parameters as ConvLearner["parameters"];
    const fresh = await learner.refreshStatistics(averaged);
    expect(valuesOf(fresh, "head.fc0")).toEqual(valuesOf(averaged, "head.fc0"));
    expect(valuesOf(fresh, "head.bn1.running")).not.toEqual(valuesOf(averaged, "head.bn1.running"));
    // What comes before all trained layers has the same inputs in every epoch: the mean over the batches of the data itself.
    const again = await learner.refreshStatistics(fresh);
    expect(valuesOf(again, "head.bn")).toEqual(valuesOf(fresh, "head.bn"));
  });
});

describe("what is measured", () => {
  const size = { count: ({ targets }: { targets: Int32Array }) => targets.length };

  test("a fit's own metrics take the place of the learner's", async () => {
    const learner = await learnerOf({ metrics: { ...size, two: () => 2 } });
    const [epoch] = await learner.fit(0.01, 1, { metrics: size });
    expect(epoch?.metrics).toEqual({ accuracy: epoch?.accuracy, count: 10 });
    expect((await learner.predict()).metrics).toMatchObject({ count: 10, two: 2 });
  });

  test("the best epoch is the one that the monitored measure says, higher or lower as its name says", async () => {
    const scores = [1, 3, 2];
    for (const [name, best] of [
      ["score", 1],
      ["errorScore", 0],
    ] as const) {
      let epoch = 0;
      const snapshots: ConvLearner["parameters"][] = [];
      const learner = await learnerOf();
      const folder = join(await temporaryFolder(), "best");
      await learner.fit(0.01, 3, {
        metrics: { [name]: () => scores[epoch++ % 3] as number },
        monitor: name,
        best: true,
        bestSaveName: folder,
        callbacks: [{ onEpochEnd: async (_, fit) => void snapshots.push(await fit.snapshot()) }],
      });
      expect(valuesOf(learner.parameters, "head.fc1.weight")).toEqual(valuesOf(snapshots[best]!, "head.fc1.weight"));
      expect(valuesOf(await loadSnapshot(folder, learner.parameters), "head.")).toEqual(valuesOf(learner.parameters, "head."));
    }
    await expect((await learnerOf()).fit(0.01, 2, { monitor: "f3" })).rejects.toThrow(
      'Expected one of trainLoss, validLoss, accuracy for monitor but received "f3"',
    );
  });

  test("skipped validations leave NaN, and are never the best", async () => {
    const learner = await learnerOf();
    const epochs = await learner.fit(0.01, 3, { validateSkip: 2 });
    expect(epochs.map(({ validLoss }) => Number.isNaN(validLoss))).toEqual([true, true, false]);
  });
});

test("a fit's clip holds its steps to the rate times the norm", async () => {
  const learner = await learnerOf({ optimizer: sgd({ momentum: 0 }), ps: 0 });
  learner.bnFreeze = true;
  const before = learner.parameters;
  await learner.fit(1, 1, { bs: 40, clip: 0.01 });
  const now = valuesOf(learner.parameters, "head.");
  const moved = Math.hypot(...valuesOf(before, "head.").map((value, i) => value - now[i]!));
  expect(moved).toBeCloseTo(0.01, 4);
});

describe("callbacks on a real fit", () => {
  test("earlyStopping, reduceOnPlateau and stopOnNaN", async () => {
    // At a rate of 0, and with batch norm frozen, nothing changes.
    const [still, plateau] = [await learnerOf(), await learnerOf()];
    for (const learner of [still, plateau]) learner.bnFreeze = true;
    expect(await still.fit(0, 9, { callbacks: [earlyStopping({ patience: 2 })] })).toHaveLength(3);
    const lrScales: number[] = [];
    await plateau.fit(0, 3, { bs: 40, callbacks: [reduceOnPlateau(), { onBatchEnd: (_, fit) => void lrScales.push(fit.lrScale) }] });
    expect(lrScales).toEqual([1, 1, 0.1]);
    const exploding = await learnerOf();
    expect(await exploding.fit(1e30, 9, { callbacks: [stopOnNaN()] })).toHaveLength(1);
  });
});

describe("an aborted signal", () => {
  const work: Readonly<Record<string, (learner: ConvLearner, options: WorkOptions) => Promise<unknown>>> = {
    fit: (learner, options) => learner.fit(0.01, 1, options),
    fitOneCycle: (learner, options) => learner.fitOneCycle(1, 0.01, options),
    fitPhases: (learner, options) => learner.fitPhases([{ epochs: 1 }], options),
    fineTune: (learner, options) => learner.fineTune(1, options),
    warmUp: (learner, options) => learner.warmUp(0.01, options),
    lrFind: (learner, options) => learner.lrFind(options),
    lrFind2: (learner, options) => learner.lrFind2(options),
    predict: (learner, options) => learner.predict(options),
    tta: (learner, options) => learner.tta(1, options),
    calibrate: (learner, options) => learner.calibrate(options),
    predictEnsemble: (learner, options) => learner.predictEnsemble([learner.parameters], options),
    refreshStatistics: (learner, options) => learner.refreshStatistics(learner.parameters, options),
  };
  test.each(Object.keys(work).flatMap((name) => [true, false].map((precompute) => [name, precompute] as const)))(
    "stops %s (precompute %s) with its reason, and leaves the weights",
    async (name, precompute) => {
      const learner = await learnerOf({ precompute });
      const before = valuesOf(learner.parameters);
      await expect(work[name]!(learner, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
      expect(valuesOf(learner.parameters)).toEqual(before);
    },
  );

  const middles = [
    ["lrFind", "Finding the learning rate", 3],
    ["lrFind2", "Finding the learning rate", 3],
    ["predict", "Validating", 1],
    ["tta", "Predicting augmented view 1 of 1", 1],
    ["calibrate", "Validating", 1],
    ["predictEnsemble", "Validating", 1],
  ] as const;
  test.each(middles.flatMap((middle) => [true, false].map((precompute) => [...middle, precompute] as const)))(
    "in the middle of %s stops it there: %s, %i times (precompute %s)",
    async (name, task, times, precompute) => {
      const learner = await learnerOf({ precompute });
      const { temperature, noneBelow } = await learner.calibrate({ keep: 0.9 });
      const before = learner.parameters;
      const stop = new AbortController();
      const told: Progress[] = [];
      const onProgress = (progress: Progress): void => {
        told.push(progress);
        if (told.filter((one) => one.task === task).length === times) stop.abort(new Error("enough"));
      };
      await expect(work[name]!(learner, { signal: stop.signal, onProgress })).rejects.toThrow("enough");
      // Ten validation images in batches of eight: one batch of the pass that was stopped is left.
      expect(told.at(-1)).toMatchObject({ task, done: task.startsWith("Finding") ? times : 8 });
      expect(told.filter((one) => one.task === task)).toHaveLength(times);
      expect(learner.parameters).toBe(before);
      expect(learner.calibration).toEqual({ temperature, noneBelow });
    },
  );
});
