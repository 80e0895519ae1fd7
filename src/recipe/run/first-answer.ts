// The first answer of a run: a linear probe of the pretrained features, within a second or so, from which the head then trains.

import { TARGET_KINDS } from "../../data/dataset/targets.ts";
import type { ConvLearner } from "../../learner/learner.ts";
import { canStartFromProbe } from "../../learner/probe/head-start.ts";
import type { RecipeEvent } from "../events.ts";
import { type Best, snapshotOf } from "./best.ts";

/** Fewer photographs of a class than this cannot be dealt to folds. */
const LEAST = 5;

/** Puts the probe into the head of a new learner; undefined if images are not of one class each, the head is too narrow, or there are few images. */
export async function firstAnswer(learner: ConvLearner, onEvent: (event: RecipeEvent) => void): Promise<Best | undefined> {
  const { data, network } = learner;
  if (!TARGET_KINDS[data.kind].exclusive || !canStartFromProbe(network) || data.train.length < LEAST * data.c) return undefined;
  const { accuracy, loss, seconds, model } = await learner.linearProbe({ start: true });
  onEvent({ event: "probe", accuracy, loss, l2: model.l2, seconds });
  return { ...snapshotOf(learner), result: { accuracy, validLoss: loss } };
}
