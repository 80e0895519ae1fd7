// How long training takes, measured on a few steps that change nothing.

import type { ConvLearner } from "../../learner/learner.ts";

/** Batches to time, and images in each. */
const [STEPS, BATCH] = [6, 16];

/** Seconds of training per image, with the layers that train now. */
export async function trainingCost(learner: ConvLearner): Promise<number> {
  const bs = Math.min(BATCH, learner.data.bs);
  const marks: number[] = [];
  await learner.lrFind({
    steps: STEPS,
    bs,
    // What precedes the steps (activations, calibration) is reported in images, and is not part of the cost of an epoch.
    onProgress: ({ unit }) => void (unit === "steps" && marks.push(performance.now())),
  });
  const [first = 0, last = 0] = [marks[0], marks.at(-1)];
  return marks.length < 2 ? 0 : (last - first) / 1000 / (bs * (marks.length - 1));
}
