// How long training takes, measured by a few steps that leave no trace.

import type { ConvLearner } from "../../learner/learner.ts";

/** Batches that are timed, and images in one. */
const [STEPS, BATCH] = [6, 16];

/** Seconds that training takes for each image with the layers that train now. */
export async function probe(learner: ConvLearner): Promise<number> {
  const bs = Math.min(BATCH, learner.data.bs);
  const marks: number[] = [];
  await learner.lrFind({
    steps: STEPS,
    bs,
    // What comes before the steps (activations, a calibration) is told in images, and is not what an epoch costs.
    onProgress: ({ unit }) => void (unit === "steps" && marks.push(performance.now())),
  });
  const [first = 0, last = 0] = [marks[0], marks.at(-1)];
  return marks.length < 2 ? 0 : (last - first) / 1000 / (bs * (marks.length - 1));
}
