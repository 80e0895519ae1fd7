// What the ways of fitting do, on a tiny network: their rates batch by batch, their events, and what they leave behind.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  adam,
  type Callback,
  ConvLearner,
  csvLogger,
  DecayType,
  type ImageClassifierData,
  type LearnerOptions,
  loadCycle,
  loadSnapshot,
  sgd,
  slice,
} from "../../src/index.ts";
import type { Parameters } from "../../src/nn/index.ts";
import fineTuned from "../reference/fine_tune.json" with { type: "json" };
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "./tiny.ts";

let folder: string;
let weights: string;
let data: ImageClassifierData;

// 40 images in batches of 8: five steps an epoch.
beforeAll(async () => {
  [folder, weights] = await Promise.all([makePictures(20, 5), makeWeights()]);
  data = await tinyData(folder);
});

async function learnerOf(options: Partial<LearnerOptions> = {}): Promise<ConvLearner> {
  return ConvLearner.pretrained(tiny, data, { weights, seed: 7, precompute: true, ...options });
}

function valuesOf(parameters: ConvLearner["parameters"], prefix = ""): readonly number[] {
  return [...parameters].filter(([name]) => name.startsWith(prefix)).flatMap(([, value]) => Array.from(value.data as Float32Array));
}

const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));

describe("rates, batch by batch", () => {
  test("cosine annealing with and without fastai's warm-up", async () => {
    const learner = await learnerOf();
    await learner.fit(1e-3, 2, { cycleLen: 1 });
    const cosine = [0, 1, 2, 3, 4].map((t) => (1e-3 * (1 + Math.cos((Math.PI * t) / 5))) / 2);
    expect(learner.sched?.lrs).toEqual(near([1e-5, ...cosine.slice(1), ...cosine]));
    await learner.fit(1e-3, 1, { cycleLen: 1, warmUp: false });
    expect(learner.sched?.lrs).toEqual(near(cosine));
  });

  test("useClr and useClrBeta rise and fall, with their momenta", async () => {
    const learner = await learnerOf();
    await learner.fit(1e-2, 1, { cycleLen: 2, useClr: { div: 10, cutDiv: 5, momMax: 0.95, momMin: 0.85 } });
    expect(learner.sched?.lrs.slice(0, 3)).toEqual(near([1e-3, 0.0055, 1e-2]));
    expect(learner.sched?.momentums.slice(0, 3)).toEqual(near([0.95, 0.9, 0.85]));
    await learner.fit(1e-2, 1, { cycleLen: 2, useClrBeta: true });
    expect(learner.sched?.lrs[0]).toBeCloseTo(1e-3, 9);
    await expect(learner.fit(1e-2, 1, { useClr: true, useClrBeta: true })).rejects.toThrow("Expected one of useClr and useClrBeta");
  });

  test("fitOneCycle and fitFlatCos run over all epochs", async () => {
    const learner = await learnerOf();
    await learner.fitOneCycle(4, slice(1e-4, 1e-2));
    expect([0, 5].map((step) => learner.sched?.lrs[step])).toEqual(near([4e-4, 1e-2]));
    expect([0, 5].map((step) => learner.sched?.momentums[step])).toEqual(near([0.95, 0.85]));
    await learner.fitFlatCos(4, 1e-2);
    expect([0, 14, 15, 17].map((step) => learner.sched?.lrs[step])).toEqual([0.01, 0.01, 0.01, expect.closeTo(0.00655, 4)]);
  });

  test("fineTune has fastai 2's rates of each layer group and momenta, and ends unfrozen", async () => {
    const learner = await learnerOf();
    const seen: (readonly [readonly number[], number])[] = [];
    const callbacks: Callback[] = [
      { onBatchEnd: (_, { settings }) => void seen.push([settings?.lrs ?? [], settings?.momentums.at(-1) ?? 0]) },
    ];
    const results = await learner.fineTune(fineTuned.epochs, { baseLr: fineTuned.baseLr, callbacks });
    const expected = fineTuned.steps.flat(2);
    expect(seen.flat(2).map((value, i) => value / expected[i]!)).toEqual(expected.map(() => expect.closeTo(1, 6)));
    expect(learner.trained).toEqual([0, 1, 2]);
    expect(learner.precompute).toBe(false);
    expect(results).toHaveLength(1 + fineTuned.epochs);
  });

  test("warmUp rises from nothing by equal steps, keeps what it learnt, and ends where the loss explodes", async () => {
    const learner = await learnerOf();
    const before = learner.parameters;
    await learner.warmUp(0.01);
    expect(learner.sched?.lrs).toEqual(near([0, 0.002, 0.004, 0.006, 0.008]));
    expect(valuesOf(learner.parameters, "head.")).not.toEqual(valuesOf(before, "head."));
    await learner.warmUp(1e6, { bs: 2 });
    expect(learner.sched?.lrs.length).toBeLessThan(20);
  });

  test("phases of a fraction of an epoch, another optimiser and other data follow each other", async () => {
    const learner = await learnerOf({ precompute: false });
    const results = await learner.fitPhases([
      { epochs: 0.4, lr: 1e-3 },
      { epochs: 1, lr: { start: 1e-2, end: 1e-3 }, lrDecay: DecayType.LINEAR },
      { epochs: 0.2, lr: 1e-4, optimizer: adam(), data: await data.withSize(24) },
    ]);
    expect(learner.sched?.phaseEnds).toEqual([2, 7, 8]);
    expect(learner.sched?.lrs).toEqual(near([1e-3, 1e-3, 0.01, 0.0082, 0.0064, 0.0046, 0.0028, 1e-4]));
    expect(results.map(({ epoch, epochs }) => [epoch, epochs])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(learner.data.size).toBe(24);
  });

  test("what cannot be is refused before anything is computed", async () => {
    const learner = await learnerOf();
    await expect(learner.fitOneCycle(0.5, 0.1)).rejects.toThrow("Expected a whole number of at least 1 for epochs but received 0.5");
    await expect(learner.fitPhases([])).rejects.toThrow("Expected at least one phase for fitPhases but received []");
    await expect(learner.fit([1, 2], 1)).rejects.toThrow("Expected 1 or 3 for the number of learning rates but received 2");
  });
});

describe("callbacks", () => {
  test("events come in order, phases being cycles", async () => {
    const events: string[] = [];
    const note = (event: string) => () => void events.push(event);
    const callback: Callback = {
      onTrainBegin: note("train begins"),
      onPhaseBegin: note("phase begins"),
      onBatchBegin: note("batch begins"),
      onBatchEnd: note("batch ends"),
      onEpochEnd: note("epoch ends"),
      onPhaseEnd: note("phase ends"),
      onTrainEnd: note("train ends"),
    };
    await (await learnerOf()).fit(1e-3, 2, { cycleLen: 1, bs: 20, callbacks: [callback] });
    const batch = ["batch begins", "batch ends"];
    const cycle = ["phase begins", ...batch, ...batch, "epoch ends", "phase ends"];
    expect(events).toEqual(["train begins", ...cycle, ...cycle, "train ends"]);
  });

  test.each(["onBatchEnd", "onEpochEnd", "onPhaseEnd"] as const)(
    "an answer of true to %s ends the fit after a validation",
    async (event) => {
      const learner = await learnerOf();
      const results = await learner.fit(1e-3, 5, { callbacks: [{ [event]: () => true }] });
      expect(results).toHaveLength(1);
      expect(learner.sched?.losses).toHaveLength(event === "onBatchEnd" ? 1 : 5);
    },
  );

  test("that allow it hear of small steps on cached activations after up to four of them, and nothing else is different", async () => {
    const outcome = async (batchesTogether: boolean) => {
      const learner = await learnerOf();
      const places: number[] = [];
      const heads: string[] = [];
      const callback: Callback = {
        batchesTogether,
        async onBatchEnd(_, fit) {
          places.push(fit.step);
          heads.push(valuesOf(await fit.parameters(), "head.").join());
        },
      };
      // In each of the 19 cycles six batches of six pictures and one of the four that are left.
      const results = await learner.fit(1e-2, 19, { cycleLen: 1, bs: 6, callbacks: [callback] });
      const heard = results.map(({ seconds: _, ...result }) => result);
      const { lrs, losses } = learner.sched ?? {};
      return { heads, same: { places, heard, lrs, losses, last: heads.at(-1) } };
    };
    const [each, together] = [await outcome(false), await outcome(true)];
    expect(new Set(each.heads).size).toBe(19 * 7);
    expect(together.same).toEqual(each.same);
    // Of a cycle's batches the first four are trained before any is heard of, then the two of the same size.
    const seen = [3, 3, 3, 3, 5, 5, 6];
    expect(together.heads).toEqual(each.heads.map((_, i) => each.heads[i - (i % 7) + (seen[i % 7] as number)]));
  });

  test("lrScale changes all rates from the next batch on", async () => {
    const learner = await learnerOf();
    await learner.fit(1e-2, 1, {
      callbacks: [
        {
          onBatchEnd(_, fit) {
            fit.lrScale /= 2;
          },
        },
      ],
    });
    expect(learner.sched?.lrs).toEqual(near([0.01, 0.005, 0.0025, 0.00125, 0.000625]));
  });

  test("csvLogger writes a row for each epoch", async () => {
    const file = join(await temporaryFolder(), "history.csv");
    const results = await (await learnerOf()).fit(1e-3, 2, { callbacks: [csvLogger(file)] });
    const lines = (await readFile(file, "utf8")).trim().split("\n");
    expect(lines[0]).toBe("epoch,trainLoss,validLoss,accuracy,seconds");
    expect(lines.slice(1).map((line) => Number(line.split(",")[2]))).toEqual(results.map(({ validLoss }) => validLoss));
  });
});

describe("what a fit leaves behind", () => {
  test("the best model and one of each cycle, as folders", async () => {
    const models = await temporaryFolder();
    const learner = await learnerOf();
    const options = { cycleLen: 1, bestSaveName: join(models, "best"), cycleSaveName: join(models, "snap") };
    await learner.fit(1e-2, 2, options);
    const [first, saved] = await Promise.all([0, 1].map((cycle) => loadCycle(join(models, "snap"), cycle, learner.parameters)));
    expect(valuesOf(saved as Parameters, "head.fc1.weight")).toEqual(valuesOf(learner.parameters, "head.fc1.weight"));
    expect(valuesOf(first as Parameters, "head.fc1.weight")).not.toEqual(valuesOf(learner.parameters, "head.fc1.weight"));
    const one = await learner.predict();
    learner.parameters = first as Parameters;
    const other = await learner.predict();
    const both = await learner.predictEnsemble([first as Parameters, saved as Parameters]);
    expect(both.probabilities).toBeAllClose(
      one.probabilities.map((p, i) => (p + other.probabilities[i]!) / 2),
      1e-6,
    );
    expect(JSON.parse(await readFile(join(models, "best", "model.json"), "utf8"))).toMatchObject({ classes: ["blue", "red"] });
  });

  test("a snapshot that is not there, or of another network, is refused with what to do", async () => {
    const learner = await learnerOf();
    await expect(loadCycle("nowhere", 3, learner.parameters)).rejects.toThrow("Cannot read the snapshot nowhere_cyc_3/weights.safetensors");
    const folderOfOther = join(await temporaryFolder(), "other");
    await (await learnerOf({ xtraFc: [8] })).save(folderOfOther);
    await expect(loadSnapshot(folderOfOther, learner.parameters)).rejects.toThrow("Expected head.fc0.weight [512,20] for");
    await expect(learner.predictEnsemble([])).rejects.toThrow("Expected at least one set of parameters for predictEnsemble");
  });

  test("gradients of five batches make the update of one batch five times as large, where batch norm is frozen", async () => {
    const [parts, whole] = [await learnerOf({ ps: 0 }), await learnerOf({ ps: 0 })];
    for (const learner of [parts, whole]) learner.bnFreeze = true;
    await parts.fit(0.05, 3, { accumulate: 5, wds: 0.01 });
    await whole.fit(0.05, 3, { bs: 40, wds: 0.01 });
    expect(valuesOf(parts.parameters, "head.")).toBeAllClose(valuesOf(whole.parameters, "head."), 1e-5);
  });

  test("useSwa averages the epochs' weights and counts batch norm's statistics anew", async () => {
    const learner = await learnerOf({ ps: 0 });
    const before = learner.parameters;
    // A rate of 0 keeps the weights, so that one large batch has the very statistics that are looked for.
    await learner.fit(0, 2, { bs: 40, useSwa: true, swaStart: 2 });
    for (const name of ["head.bn0.running_mean", "head.bn0.running_var", "head.bn1.running_mean", "head.bn1.running_var"]) {
      const [old, now] = [before, learner.parameters].map((parameters) => parameters.get(name)?.data as Float32Array) as [
        Float32Array,
        Float32Array,
      ];
      // Two steps at momentum 0.1: now = 0.81 · old + 0.19 · batch.
      const batch = Array.from(now, (value, i) => (value - 0.81 * old[i]!) / 0.19);
      expect(learner.swa?.get(name)?.data as Float32Array).toBeAllClose(batch, 1e-4);
    }
    expect(learner.swa?.get("head.fc0.weight")?.data).toEqual(before.get("head.fc0.weight")?.data);
  });

  test("pictures of the schedule and of the loss", async () => {
    const learner = await learnerOf();
    expect(learner.sched).toBeUndefined();
    await learner.fitOneCycle(2, 1e-2);
    expect(learner.sched?.plotLr().svg()).toMatch(/^<svg[\s\S]*learning rate[\s\S]*momentum/);
    expect(learner.sched?.plotLoss({ nSkip: 0, nSkipEnd: 0 }).svg()).toMatch(/^<svg[\s\S]*validation loss/);
  });

  test("the training loss runs on over the epochs: each batch counts 0.98 of the one after it", async () => {
    const learners = await Promise.all([1, 2].map(() => learnerOf({ ps: 0, optimizer: sgd({ momentum: 0 }) })));
    const [whole, parts] = learners as [ConvLearner, ConvLearner];
    const results = await whole.fit(0.01, 2);
    // The same steps as two fits, whose averages begin anew; of each average and the one before it comes the batch's own loss.
    const own: number[] = [];
    for (let fit = 0; fit < 2; fit++) {
      await parts.fit(0.01, 1);
      const sums = parts.sched?.losses.map((loss, i) => loss * (1 - 0.98 ** (i + 1))) ?? [];
      own.push(...sums.map((sum, i) => (sum - 0.98 * (sums[i - 1] ?? 0)) / 0.02));
    }
    const average = (losses: readonly number[]) => {
      const shares = losses.map((_, i) => 0.98 ** (losses.length - 1 - i));
      return losses.reduce((sum, loss, i) => sum + loss * shares[i]!, 0) / shares.reduce((a, b) => a + b, 0);
    };
    expect(own).toHaveLength(10);
    expect(results.map(({ trainLoss }) => trainLoss)).toEqual(near([average(own.slice(0, 5)), average(own)]));
    expect(average(own)).not.toBeCloseTo(average(own.slice(5)), 3);
  });
});

describe("what is trained, and towards what", () => {
  test("freezeAllBut trains one layer group alone, with frozen ones to its right", async () => {
    const learner = await learnerOf({ precompute: false });
    learner.freezeAllBut(1);
    expect(learner.trained).toEqual([1]);
    const before = learner.parameters;
    await learner.fit(0.01, 1);
    for (const prefix of ["a.", "b.", "head."]) expect(valuesOf(learner.parameters, prefix)).toEqual(valuesOf(before, prefix));
    expect(valuesOf(learner.parameters, "c.")).not.toEqual(valuesOf(before, "c."));
    expect(learner.summary().some(({ trainable, group }) => trainable !== (group === 1) && trainable)).toBe(false);
  });

  test("label smoothing holds the network back from certainty, class weights and sampling move it to the class that counts", async () => {
    const probabilitiesOf = async (options: Partial<LearnerOptions>) => {
      const learner = await learnerOf({ ps: 0, ...options });
      await learner.fit(0.005, 4);
      const first = (await learner.predict()).probabilities.filter((_, i) => i % 2 === 0);
      const mean = (of: Float32Array) => of.reduce((a, b) => a + b, 0) / of.length;
      return { certain: mean(first.map((p) => Math.max(p, 1 - p))), first: mean(first) };
    };
    const sampling = data.train.map(({ label }) => (label === 0 ? 20 : 1));
    const [plain, smooth, weighted, sampled] = await Promise.all(
      [{}, { labelSmoothing: 0.4 }, { classWeights: [20, 1] }, { sampling }].map(probabilitiesOf),
    );
    expect(smooth?.certain).toBeLessThan((plain?.certain as number) - 0.01);
    expect(weighted?.first).toBeGreaterThan((plain?.first as number) + 0.01);
    expect(sampled?.first).toBeGreaterThan((plain?.first as number) + 0.01);
  });

  test("class weights of another number than the classes are refused", async () => {
    await expect((await learnerOf({ classWeights: [1, 2, 3] })).fit(0.1, 1)).rejects.toThrow("Expected 2 numbers for class weights");
  });
});

describe("the finder", () => {
  test("lrFind2 measures a validation batch at each of its steps, and leaves no trace", async () => {
    const [plain, searched] = [await learnerOf(), await learnerOf()];
    const found = await searched.lrFind2({ steps: 30, stopDv: false });
    expect(found.lrs).toHaveLength(30);
    expect(found.measures["validation loss"]).toHaveLength(30);
    expect(found.measures.accuracy?.every((share) => share >= 0 && share <= 1)).toBe(true);
    expect(found.plot().svg()).toMatch(/accuracy[\s\S]*validation loss/);
    expect(found.plotDerivative({ sma: 5 }).svg()).toMatch(/^<svg/);
    await plain.fit(0.05, 1);
    await searched.fit(0.05, 1);
    expect(valuesOf(searched.parameters)).toEqual(valuesOf(plain.parameters));
  });

  test("where the rate is next to nothing, lrFind2 measures what prediction does on the first validation batch", async () => {
    const learner = await learnerOf();
    learner.bnFreeze = true;
    const { probabilities, targets } = await learner.predict();
    const losses = Array.from(targets.slice(0, 8), (target, row) => -Math.log(probabilities[2 * row + target]!));
    const found = await learner.lrFind2({ steps: 2, startLr: 1e-12, endLr: 1e-11 });
    expect(found.measures["validation loss"]?.[0]).toBeCloseTo(losses.reduce((a, b) => a + b, 0) / 8, 4);
  });

  test("the search ends where the smoothed loss is above four times its best after the tenth step, or no number", async () => {
    const found = await (await learnerOf()).lrFind({ steps: 60, startLr: 1e-3, endLr: 1e9 });
    expect(found.lrs.length).toBeGreaterThan(10);
    expect(found.lrs.length).toBeLessThan(60);
    for (const [step, loss] of found.losses.entries())
      if (step > 10) expect(loss).toBeLessThanOrEqual(4 * Math.min(...found.losses.slice(10, step)));
    const nan = await (await learnerOf()).lrFind({ steps: 30, startLr: 1e30, endLr: 1e38 });
    expect(nan.losses.every(Number.isFinite)).toBe(true);
    expect(nan.losses.length).toBeLessThan(10);
  });

  test("a linear search rises from nothing by equal steps, and every rule may suggest a rate", async () => {
    const found = await (await learnerOf()).lrFind({ steps: 20, endLr: 0.2, linear: true });
    expect(found.lrs.slice(0, 3)).toEqual(near([0, 0.01, 0.02]));
    expect(Object.keys(found.suggestions)).toEqual(["valley", "slide", "minimum", "steep"]);
  });
});
