// The finder's curve: which of its points count for the suggestion, which are drawn, and that a search changes nothing of what follows it.

import { beforeAll, describe, expect, test } from "vitest";
import { makePictures, makeWeights, tiny, tinyData } from "../../../test/learner/tiny.ts";
import { learningRateChart } from "../../chart/learning-rate.ts";
import { linesChart } from "../../chart/lines.ts";
import { ConvLearner, type ImageClassifierData, type LearnerOptions, transformsSideOn } from "../../index.ts";
import { suggestAll } from "./suggest.ts";

let weights: string;
let data: ImageClassifierData;

// 40 images in batches of 8: five steps an epoch.
beforeAll(async () => {
  weights = await makeWeights();
  data = await tinyData(await makePictures(20, 5), { augTfms: transformsSideOn });
});

async function learnerOf(options: Partial<LearnerOptions> = {}): Promise<ConvLearner> {
  return ConvLearner.pretrained(tiny, data, { weights, seed: 7, onWarning: () => {}, ...options });
}

describe("the suggestion", () => {
  test("leaves out the first tenth of the steps and, where the loss exploded, the last five points", async () => {
    const found = await (await learnerOf({ precompute: true })).lrFind({ steps: 60, startLr: 1e-4, endLr: 1e6 });
    expect(found.lrs.length).toBeLessThan(60);
    expect(found.lrs.length).toBeGreaterThan(15);
    expect(found.suggestion).toBeDefined();
    expect(found.suggestions).toEqual(suggestAll(found.lrs.slice(6, -5), found.losses.slice(6, -5)));
    expect(found.suggestion).toBe(found.suggestions.valley);
  });

  test("counts the last points too where the search went to its end", async () => {
    const found = await (await learnerOf({ precompute: true })).lrFind({ steps: 30, startLr: 1e-4, endLr: 1e-2 });
    expect(found.lrs).toHaveLength(30);
    expect(found.suggestion).toBeDefined();
    expect(found.suggestions).toEqual(suggestAll(found.lrs.slice(3), found.losses.slice(3)));
    expect(found.suggestions).not.toEqual(suggestAll(found.lrs.slice(3, -5), found.losses.slice(3, -5)));
  });

  test("is none where the loss exploded before there were points that count", async () => {
    const found = await (await learnerOf({ precompute: true })).lrFind({ steps: 30, startLr: 1e30, endLr: 1e38 });
    expect(found.lrs.length).toBeLessThan(9);
    expect(found.suggestions).toEqual(suggestAll([], []));
  });
});

describe("the picture", () => {
  test("leaves out the first ten points and the last five, or as many as is said", async () => {
    const found = await (await learnerOf({ precompute: true })).lrFind({ steps: 40, startLr: 1e-4, endLr: 1e-2 });
    const { lrs, losses, suggestions } = found;
    expect(lrs).toHaveLength(40);
    const drawn = (from: number, to: number) =>
      learningRateChart({ lrs: lrs.slice(from, to), losses: losses.slice(from, to), suggestions }, { nSkip: 0, nSkipEnd: 0 }).svg();
    expect(found.plot().svg()).toBe(drawn(10, 35));
    expect(found.plot({ nSkip: 4 }).svg()).toBe(drawn(4, 35));
    expect(found.plot({ nSkipEnd: 0 }).svg()).toBe(drawn(10, 40));
    expect(found.plot({ nSkip: 0, nSkipEnd: 0 }).svg()).toBe(drawn(0, 40));
    expect(found.plot({ nSkip: 30 }).svg()).toBe(drawn(0, 40));
    expect(new Set([drawn(10, 35), drawn(4, 35), drawn(10, 40), drawn(0, 40)]).size).toBe(4);
  });

  test("of lrFind2 leaves out the same of its measures", async () => {
    const found = await (await learnerOf({ precompute: true })).lrFind2({ steps: 30, startLr: 1e-4, endLr: 1e-2 });
    const { lrs, losses, measures } = found;
    const line = (name: string, values: readonly number[] = []) => ({
      name,
      points: values.map((value, i) => [lrs[i] as number, value] as const).slice(10, 25),
    });
    const panels = [
      { name: "loss (smoothed)", lines: [line("training loss", losses), line("validation loss", measures["validation loss"])] },
      { name: "accuracy", lines: [line("accuracy", measures.accuracy)] },
    ];
    expect(found.plot().svg()).toBe(linesChart({ title: "Learning-rate finder", x: "learning rate", logarithmic: true, panels }).svg());
  });
});

test("a search between two fits of all layers on augmented images leaves no trace", async () => {
  const [plain, searched] = [await learnerOf(), await learnerOf()];
  for (const learner of [plain, searched]) {
    learner.unfreeze();
    await learner.fit([1e-3, 1e-3, 1e-2], 1);
    const before = learner.parameters;
    if (learner === searched) {
      await learner.lrFind({ steps: 8 });
      await learner.lrFind2({ steps: 4 });
    }
    expect(learner.parameters).toBe(before);
    await learner.fit([1e-3, 1e-3, 1e-2], 1);
  }
  expect(searched.parameters).toEqual(plain.parameters);
  expect(searched.sched?.losses).toEqual(plain.sched?.losses);
});
