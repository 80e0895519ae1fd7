// Saves a learner as a model: its parameters or others, with the history of its training.

import { checkContents } from "../../classifier/format.ts";
import type { Store } from "../../core/store/store.ts";
import type { Parameters } from "../../nn/scope.ts";
import type { LearnerState } from "../state/learner-state.ts";
import { checkNumbers } from "../task/check-numbers.ts";
import { contentsOf, saveModel } from "./save.ts";

/** Writes the model with `parameters` to `place`, which `loadClassifier` reads. The learner's calibration is saved with its own parameters only. */
export async function saveLearner(
  state: LearnerState,
  place: string | Store,
  training: Readonly<Record<string, unknown>> = {},
  parameters: Parameters = state.weights.parameters,
): Promise<void> {
  const { network, data, weights, scale, seed, history } = state;
  const { threshold } = weights;
  const own = parameters === weights.parameters;
  const [calibration, known] = own ? [weights.calibration, weights.known] : [];
  const told = { seed, history: history.results.map(({ seconds, ...epoch }) => epoch), ...training };
  await saveModel(place, { network, data, parameters, threshold, scale, calibration, known, training: told });
}

/** Throws the UsageError with which `saveLearner` would refuse the learner, so that it comes before any training. */
export function checkSavable({ network, data, weights, scale }: LearnerState): void {
  if (data.isReg) checkNumbers(data.classes, scale);
  const { threshold, calibration } = weights;
  checkContents(contentsOf({ network, data, threshold, scale, calibration, training: {} }));
}
