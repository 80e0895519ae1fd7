// Predicting the validation images: plain, by several sets of parameters, and in augmented views.

import { expected } from "../core/errors.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { Parameters } from "../nn/scope.ts";
import { averageMembers, averageViews, type Predicted, type Predictions, predictionsOf, type TtaPredictions } from "./predictions.ts";
import type { LearnerState } from "./state.ts";

/** Predictions with the validation transform. */
export async function predictPart(state: LearnerState, options: WorkOptions): Promise<Predictions> {
  const frozen = await state.frozen();
  return predictionsOf(predictedOf(state), await state.validLogits(frozen, state.parameters, state.work(options)));
}

/** The mean of the predictions of several sets of parameters. */
export async function predictMembers(state: LearnerState, members: readonly Parameters[], options: WorkOptions): Promise<Predictions> {
  if (members.length === 0) throw expected("at least one set of parameters", "predictEnsemble", members);
  const work = state.work(options);
  const logits: Float32Array[] = [];
  for (const parameters of members) logits.push(await state.validLogits(await state.frozen(parameters), parameters, work));
  return averageMembers(predictedOf(state), logits);
}

/** Test-time augmentation in `views` views. */
export async function predictViews(state: LearnerState, views: number, options: WorkOptions): Promise<TtaPredictions> {
  const work = state.work(options);
  const frozen = await state.frozen();
  const plain = await state.validLogits(frozen, state.parameters, work);
  const network = { frozen, stages: state.trainedStages, parameters: state.parameters };
  const augmented: Float32Array[] = [];
  for (let view = 0; view < views; view++) {
    const task = `Predicting augmented view ${view + 1} of ${views}`;
    augmented.push(await state.path.augmentedLogits("valid", network, view, { ...work, task }));
  }
  return averageViews(predictedOf(state), plain, augmented);
}

function predictedOf({ data, task }: LearnerState): Predicted {
  return { items: data.valid, outputs: data.c, kind: data.kind, task };
}
