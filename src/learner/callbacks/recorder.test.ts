// The picture of the losses that a fit recorded.

import { expect, test } from "vitest";
import { makePictures, makeWeights, tiny, tinyData } from "../../../test/learner/tiny.ts";
import { linesChart } from "../../chart/lines.ts";
import { ConvLearner } from "../../index.ts";
import type { Sched } from "./recorder.ts";

// 40 images in batches of 8: five steps an epoch.
test("the picture of the loss leaves out the first ten batches and the last five, or as many as is said", async () => {
  const data = await tinyData(await makePictures(20, 5));
  const learner = await ConvLearner.pretrained(tiny, data, { weights: await makeWeights(), seed: 7, precompute: true });
  await learner.fit(1e-2, 6);
  const { losses, validLosses, plotLoss } = learner.sched as Sched;
  expect(losses).toHaveLength(30);
  const drawn = (from: number, to: number) => {
    const training = losses.map((loss, step) => [step, loss] as const).slice(from, to);
    const lines = [
      { name: "training loss (smoothed)", points: training },
      { name: "validation loss", points: validLosses.map(({ step, loss }) => [step, loss] as const) },
    ];
    const marks = [5, 10, 15, 20, 25].map((at) => ({ at }));
    return linesChart({ title: "Loss", x: "batch", panels: [{ name: "loss", lines }], marks }).svg();
  };
  expect(plotLoss().svg()).toBe(drawn(10, 25));
  expect(plotLoss({ nSkip: 0, nSkipEnd: 3 }).svg()).toBe(drawn(0, 27));
  expect(plotLoss({ nSkip: 0, nSkipEnd: 0 }).svg()).toBe(drawn(0, 30));
  expect(plotLoss({ nSkip: 25 }).svg()).toBe(drawn(0, 30));
  expect(new Set([drawn(10, 25), drawn(0, 27), drawn(0, 30)]).size).toBe(3);
});
