// A fit that is stopped at any step and goes on from its checkpoint ends with the bits of one that was never stopped.

import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  adam,
  adamW,
  type Callback,
  ConvLearner,
  type EpochResult,
  earlyStopping,
  ema,
  type FitOptions,
  type ImageClassifierData,
  type LearnerOptions,
  reduceOnPlateau,
  sgd,
  transformsSideOn,
} from "../../src/index.ts";
import type { Parameters } from "../../src/nn/index.ts";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "./tiny.ts";

let weights: string;
let data: ImageClassifierData;
let checkpoint: string;

// 17 images in batches of 4: four steps an epoch, the last of them with the image that is left over.
beforeAll(async () => {
  const [folder, file] = await Promise.all([makePictures(9, 4), makeWeights()]);
  weights = file;
  const whole = await tinyData(folder, { bs: 4, augTfms: transformsSideOn });
  data = Object.assign(Object.create(Object.getPrototypeOf(whole)), whole, { train: whole.train.slice(1) });
  checkpoint = join(await temporaryFolder(), "fit.safetensors");
});

type Work = (learner: ConvLearner, options: FitOptions) => Promise<readonly EpochResult[]>;

interface Outcome {
  readonly parameters: Parameters;
  readonly swa: Parameters | undefined;
  readonly swaResults: ConvLearner["swaResults"];
  readonly lrs: readonly number[] | undefined;
  readonly losses: readonly number[] | undefined;
  readonly results: readonly Omit<EpochResult, "seconds">[];
  readonly told: readonly number[];
}

/** Does `work` with a new learner, which an abort stops before batch `stopAt` of this process. */
async function outcomeOf(
  work: Work,
  options: Partial<LearnerOptions>,
  { stopAt, keep }: { stopAt?: number; keep: boolean },
): Promise<Outcome> {
  const learner = await ConvLearner.pretrained(tiny, data, { weights, seed: 7, ...options });
  const stop = new AbortController();
  let steps = 0;
  const counter: Callback = { onBatchEnd: () => void (++steps === stopAt && stop.abort(new Error("stopped"))) };
  const told: number[] = [];
  const results = await work(learner, {
    signal: stop.signal,
    callbacks: [counter],
    onEpoch: ({ epoch }) => void told.push(epoch),
    ...(keep && { checkpoint, checkpointSeconds: 0 }),
  });
  const { parameters, swa, swaResults, sched } = learner;
  await learner.dispose();
  return {
    parameters,
    swa,
    swaResults,
    lrs: sched?.lrs,
    losses: sched?.losses,
    results: results.map(({ seconds: _, ...rest }) => rest),
    told,
  };
}

const cases: readonly (readonly [string, Partial<LearnerOptions>, Work])[] = [
  ["the head on cached activations", { precompute: true }, (learner, options) => learner.fit(0.01, 2, { cycleLen: 1, ...options })],
  ["the head on augmented images, balanced", { sampling: "balanced" }, (learner, options) => learner.fit(0.01, 2, { ...options })],
  [
    "all layers by Adam with clipping, the best epoch kept",
    { optimizer: adam(), clip: 1 },
    (learner, options) => {
      learner.unfreeze();
      return learner.fit([1e-4, 1e-3, 1e-2], 2, { cycleLen: 1, best: true, ...options });
    },
  ],
  [
    "accumulated gradients, with averaged weights",
    {},
    (learner, options) => {
      learner.unfreeze();
      return learner.fit([1e-4, 1e-3, 1e-2], 2, { accumulate: 3, useSwa: true, swaEvalFreq: 1, ...options });
    },
  ],
  [
    "phases of fractions of epochs, with another optimiser and other data",
    {},
    async (learner, options) =>
      learner.fitPhases(
        [
          { epochs: 0.6, lr: 1e-2 },
          { epochs: 1, lr: 1e-3, optimizer: adamW(), data: await data.withSize(24) },
          { epochs: 0.5, lr: 1e-3 },
        ],
        options,
      ),
  ],
  [
    "callbacks that wait, lower the rate and stop",
    { precompute: true },
    (learner, { callbacks = [], ...options }) =>
      learner.fit(0.05, 4, {
        ...options,
        callbacks: [...callbacks, reduceOnPlateau({ patience: 1 }), earlyStopping({ patience: 2, monitor: "trainLoss" })],
      }),
  ],
  ["fineTune, its frozen epoch and those after it", {}, (learner, options) => learner.fineTune(2, options)],
];

describe.each(cases)("%s", (name, options, work) => {
  test("goes on bit for bit from wherever it was stopped", async () => {
    const whole = await outcomeOf(work, options, { keep: false });
    const steps = whole.lrs?.length ?? 0;
    expect(steps).toBeGreaterThan(4);
    // In an epoch, at its end before the validation, and in the next one; for one case after every step.
    const places = name === cases[0]?.[0] ? Array.from({ length: steps - 1 }, (_, i) => i + 1) : [2, 4, 5];
    for (const stopAt of places) {
      for (const file of [checkpoint, `${checkpoint}.frozen`]) await rm(file, { force: true });
      await expect(outcomeOf(work, options, { stopAt, keep: true })).rejects.toThrow("stopped");
      // Stopped once more in what is left.
      if (stopAt === 2) await expect(outcomeOf(work, options, { stopAt: 1, keep: true })).rejects.toThrow("stopped");
      expect(await outcomeOf(work, options, { keep: true })).toEqual(whole);
    }
    // Over, it is not done again.
    expect(await outcomeOf(work, options, { stopAt: 1, keep: true })).toEqual(whole);
  });
});

describe("a checkpoint", () => {
  const work: Work = (learner, options) => learner.fit(0.01, 1, options);

  test("of a fit with other settings is refused", async () => {
    await rm(checkpoint, { force: true });
    const kept = { optimizer: adam() };
    const whole = await outcomeOf(work, kept, { keep: true });
    const others: readonly (readonly [Partial<LearnerOptions>, FitOptions?])[] = [
      [{ seed: 8 }],
      [{ weights: await makeWeights("other weights") }],
      [{ labelSmoothing: 0.1 }],
      [{ metrics: { two: () => 2 } }],
      [{ optimizer: sgd() }],
      [{ optimizer: adam({ beta1: 0.8 }) }],
      [{ optimizer: adam({ beta2: 0.99 }) }],
      [{ optimizer: adam({ epsilon: 1e-5 }) }],
      [{}, { useWdSched: true, wds: 0 }],
      [{}, { best: true }],
      [{}, { monitor: "validLoss" }],
      [{}, { validateSkip: 1 }],
      [{}, { useSwa: true }],
    ];
    for (const [learnerOptions, fitOptions] of others) {
      const other: Work = (learner, options) => learner.fit(0.01, 1, { ...options, ...fitOptions });
      await expect(outcomeOf(other, { ...kept, ...learnerOptions }, { keep: true })).rejects.toMatchObject({
        name: "UsageError",
        message: `${checkpoint} is the checkpoint of another fit`,
        hint: expect.stringContaining("delete the file"),
      });
    }
    expect(await outcomeOf(work, kept, { keep: true })).toEqual(whole);
  });

  test("goes on with the very learner that was stopped, whose weights and data are those from before, in a second phase too", async () => {
    await rm(checkpoint, { force: true });
    const phases = [
      { epochs: 0.5, lr: 1e-2 },
      { epochs: 1, lr: 1e-3, optimizer: adamW(), data: await data.withSize(24) },
    ];
    const [whole, stopped] = await Promise.all([1, 2].map(() => ConvLearner.pretrained(tiny, data, { weights, seed: 7 })));
    await whole?.fitPhases(phases);
    const before = stopped?.parameters;
    for (const stopAt of [4, 2]) {
      const stop = new AbortController();
      let steps = 0;
      const counter: Callback = { onBatchEnd: () => void (++steps === stopAt && stop.abort(new Error("stopped"))) };
      const options = { checkpoint, checkpointSeconds: 0, callbacks: [counter], signal: stop.signal };
      await expect(stopped?.fitPhases(phases, options)).rejects.toThrow("stopped");
      expect(stopped?.parameters).toBe(before);
      expect(stopped?.data).toBe(data);
    }
    await stopped?.fitPhases(phases, { checkpoint });
    expect(stopped?.parameters).toEqual(whole?.parameters);
    expect(stopped?.data.size).toBe(24);
  });

  test("that is damaged is refused", async () => {
    await rm(checkpoint, { force: true });
    await outcomeOf(work, {}, { keep: true });
    await writeFile(checkpoint, (await readFile(checkpoint)).subarray(0, 1000));
    await expect(outcomeOf(work, {}, { keep: true })).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringContaining(checkpoint),
    });
  });

  test("keeps losses that are not numbers, and averages of weights", async () => {
    await rm(checkpoint, { force: true });
    const average = ema();
    const diverging: Work = (learner, { callbacks = [], ...options }) =>
      learner.fit(1e30, 2, { ...options, callbacks: [...callbacks, average] });
    const whole = await outcomeOf(diverging, {}, { keep: false });
    const averaged = average.parameters;
    await expect(outcomeOf(diverging, {}, { stopAt: 5, keep: true })).rejects.toThrow("stopped");
    expect(await outcomeOf(diverging, {}, { keep: true })).toEqual(whole);
    expect(whole.results.at(-1)?.validLoss).toBeNaN();
    expect(average.parameters).toEqual(averaged);
  });
});
