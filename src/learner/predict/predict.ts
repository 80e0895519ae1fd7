// Predicts any part of the data or the user's own images: plainly, in augmented views, and by several sets of parameters.

import { inferenceGraph } from "../../classifier/inference.ts";
import { expected } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Part } from "../../data/dataset/dataset.ts";
import { type LooseImages, looseItems } from "../../data/sources/loose-images.ts";
import type { Parameters } from "../../nn/scope.ts";
import { openSession } from "../../runtime/session.ts";
import type { Subject } from "../frozen/data-path.ts";
import type { LearnerState } from "../state/learner-state.ts";
import { warnOfIdenticalViews } from "./identical-views.ts";
import {
  averageViews,
  type EnsemblePredictions,
  meanOf,
  type PlainPredictions,
  type PredictionSubject,
  predictionsOf,
  type TtaPredictions,
  type ViewWeight,
} from "./predictions.ts";

export interface PredictOptions extends WorkOptions {
  /** A part of the data, or `{ folder }`, `{ image }` or `{ array }`; default "valid". */
  of?: Part | LooseImages;
  /** The weights to predict with, such as `learner.swa`; default the learner's. */
  parameters?: Parameters | undefined;
}

export interface TtaOptions extends PredictOptions {
  /**
   * What the mean of the augmented views counts beside the plain prediction: "mean", as in fastai, where each view counts as much as a plain
   * prediction that is there ceil(views/4) times; a number from 0 to 1; or "fitted", the number with the least loss on these images,
   * which is 0 if the views do not help. Default "mean".
   */
  weight?: ViewWeight;
}

/** Predictions with the validation transform. */
export async function predictPlain(state: LearnerState, options: PredictOptions): Promise<PlainPredictions> {
  const { subject, predicted } = await openSubject(state, options);
  return predictionsOf(predicted, await plainLogits(state, subject, options));
}

/** Test-time augmentation in `views` views. Throws a UsageError for views that are no whole number. */
export async function predictViews(state: LearnerState, views: number, { weight, ...options }: TtaOptions): Promise<TtaPredictions> {
  const opened = await openSubject(state, options);
  const { plain, augmented } = await viewsOf(state, opened, views, options);
  return averageViews(opened.predicted, plain, augmented, weight);
}

/** The mean of the predictions of several sets of parameters, each itself the mean over `views` augmented views and the plain one. */
export async function predictMembers(
  state: LearnerState,
  members: readonly Parameters[],
  { views = 0, ...options }: PredictOptions & { views?: number },
): Promise<EnsemblePredictions> {
  if (members.length === 0) throw expected("at least one set of parameters", "predictEnsemble", members);
  const opened = await openSubject(state, options);
  const means: Float32Array[] = [];
  const [stack, logitStack]: [Float32Array[], Float32Array[]] = [[], []];
  for (const parameters of members) {
    const { plain, augmented } = await viewsOf(state, opened, views, { ...options, parameters });
    const seen = averageViews(opened.predicted, plain, augmented);
    const mean = seen.values ?? seen.probabilities;
    means.push(mean);
    stack.push(...(views === 0 ? [mean] : seen.stack));
    logitStack.push(...(views === 0 ? [plain] : seen.logitStack));
  }
  return { ...meanOf(opened.predicted, means), stack, logitStack };
}

/** Predictions for `images` as the network takes them, normalised: [n, channels, size, size]. Throws a UsageError for another shape. */
export async function predictNormalized(state: LearnerState, images: Tensor<"float32">): Promise<PlainPredictions> {
  const { network, session, data, task } = state;
  const { parameters } = state.weights;
  const [count = 0, ...shape] = images.shape;
  const wanted = [data.channels, data.size, data.size];
  if (shape.join() !== wanted.join()) throw expected(`[n, ${wanted.join(", ")}]`, "the shape of the images", images.shape);
  const graph = inferenceGraph({ stages: network.stages, parameters, inputType: "float32", inputShape: ["batch", ...wanted] });
  const compiled = await openSession(graph, session);
  try {
    const logits = (await compiled.run({ input: images })).output?.data as Float32Array;
    const items = Array.from({ length: count }, (_, i) => ({ file: "", name: `array/${i}`, label: -1 }));
    return predictionsOf({ items, kind: data.kind, task }, logits);
  } finally {
    await compiled.release();
  }
}

/** The images to predict, and what is known of them. */
interface Opened {
  readonly subject: Subject;
  readonly predicted: PredictionSubject;
}

async function openSubject(state: LearnerState, { of = "valid", ...work }: PredictOptions): Promise<Opened> {
  const { data, task } = state;
  const subject = typeof of === "string" ? of : await looseItems(of, data.channels, state.work(work));
  const items = typeof subject === "string" ? data[subject] : subject;
  if (items.length === 0) throw expected("images", `the part "${of}" of the data`, "none", "Name its folder when the data is made.");
  return { subject, predicted: { items, kind: data.kind, task } };
}

async function plainLogits(state: LearnerState, subject: Subject, options: PredictOptions): Promise<Float32Array> {
  return state.path.logits(subject, await state.open(options.parameters), state.cut.precompute, state.work(options));
}

/** The logits of the plain images, and of each augmented view. */
async function viewsOf(
  state: LearnerState,
  { subject }: Opened,
  views: number,
  options: PredictOptions,
): Promise<{ plain: Float32Array; augmented: readonly Float32Array[] }> {
  if (!Number.isInteger(views) || views < 0) throw expected("a whole number of at least 0", "the number of views", views);
  if (views > 0) warnOfIdenticalViews(state.data.tfms, state.work(options));
  const plain = await plainLogits(state, subject, options);
  const network = await state.open(options.parameters);
  const augmented: Float32Array[] = [];
  for (let view = 0; view < views; view++) {
    const task = `Predicting augmented view ${view + 1} of ${views}`;
    const cached = state.cut.precompute && view < state.cut.precomputeViews;
    augmented.push(await state.path.augmentedLogits(subject, network, view, { ...state.work(options), task, cached }));
  }
  return { plain, augmented };
}
