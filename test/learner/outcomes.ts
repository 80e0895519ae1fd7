// What comes of a fit on tiny data that is stopped, or is not, for tests of going on.

import { join } from "node:path";
import {
  type Callback,
  ConvLearner,
  type EpochResult,
  type FitOptions,
  type ImageClassifierData,
  type LearnerOptions,
  transformsSideOn,
} from "../../src/index.ts";
import type { Parameters } from "../../src/nn/index.ts";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "./tiny.ts";

export let weights: string;
export let data: ImageClassifierData;
export let checkpoint: string;

// 17 images in batches of 4: four steps an epoch, the last of them with the image that is left over.
export async function prepareFits(): Promise<void> {
  const [folder, file] = await Promise.all([makePictures(9, 4), makeWeights()]);
  weights = file;
  const whole = await tinyData(folder, { bs: 4, augTfms: transformsSideOn });
  data = Object.assign(Object.create(Object.getPrototypeOf(whole)), whole, { train: whole.train.slice(1) });
  checkpoint = join(await temporaryFolder(), "fit.safetensors");
}

export type Work = (learner: ConvLearner, options: FitOptions) => Promise<readonly EpochResult[]>;

export interface Outcome {
  readonly parameters: Parameters;
  readonly swa: Parameters | undefined;
  readonly swaResults: ConvLearner["swaResults"];
  readonly lrs: readonly number[] | undefined;
  readonly losses: readonly number[] | undefined;
  readonly results: readonly Omit<EpochResult, "seconds">[];
  readonly told: readonly number[];
}

/** Does `work` with a new learner, which an abort stops before batch `stopAt` of this process. */
export async function outcomeOf(
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
