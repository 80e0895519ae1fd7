// What a recipe leaves open about a stage and is decided when the stage begins: its learning rate, and its length under a time limit.

import type { ConvLearner } from "../../learner/learner.ts";
import { epochsOf } from "../choices/epochs.ts";
import type { RecipeEvent } from "../events.ts";
import type { Recipe, StagePlan } from "../file/schema.ts";
import { type Budget, shortened } from "./budget.ts";
import type { ResumeFolder } from "./resume-folder.ts";
import { FALLBACK_RATE, searchOf } from "./train-stage.ts";
import { trainingCost } from "./training-cost.ts";

export interface DecideOptions {
  readonly learner: ConvLearner;
  readonly recipe: Recipe;
  /** The stage's index in it. */
  readonly index: number;
  /** The rate at which the head was trained on this network and size. */
  readonly headRate: number | undefined;
  readonly budget: Budget;
  readonly resumeFolder: ResumeFolder;
  readonly onEvent: (event: RecipeEvent) => void;
}

export type Decided = StagePlan & { readonly lr: number };

/** A validation is a forward pass: about a third of a training step. */
const FORWARD = 1 / 3;

/** The stage with its rate, and with as many epochs as fit the time limit; undefined if none fits. */
export async function decide(options: DecideOptions): Promise<Decided | undefined> {
  const stage = options.recipe.stages[options.index] as StagePlan;
  const fitting = await withinBudget(options, stage);
  return fitting && { ...fitting, lr: await rateFor(options, stage) };
}

async function withinBudget(
  { learner, recipe, index, budget, resumeFolder, onEvent }: DecideOptions,
  stage: StagePlan,
): Promise<StagePlan | undefined> {
  // A stage that a stopped run has begun is decided.
  if (!Number.isFinite(budget.left()) || (await resumeFolder.hasCheckpoint(index, stage))) return stage;
  const perImage = await trainingCost(learner);
  const { train, valid } = learner.data;
  const validated = stage.name === "unfreeze" ? valid.length * FORWARD : 0;
  const { steps = 0, bs = learner.data.bs } =
    stage.lr === undefined && stage.name === "unfreeze" ? searchOf(learner, stage.name, recipe) : {};
  const seconds = budget.share(recipe.stages.slice(index), recipe.tta) - steps * bs * perImage;
  const short = shortened(stage, perImage * (train.length + validated), seconds);
  // At least one epoch must run.
  const result = short ?? (index === 0 ? { ...stage, cycles: 1, cycleLen: 1 } : undefined);
  const [epochs, planned] = [result ? epochsOf(result) : 0, epochsOf(stage)];
  if (epochs < planned) onEvent({ event: "shortened", stage: stage.name, epochs, planned });
  return result;
}

/** As many of `views` augmented views as fit the time limit. */
export async function viewsFor(
  learner: ConvLearner,
  views: number,
  budget: Budget,
  onEvent: (event: RecipeEvent) => void,
): Promise<number> {
  if (views === 0 || !Number.isFinite(budget.left())) return views;
  learner.precompute = false;
  const perImage = (await trainingCost(learner)) * (learner.trained.length > 1 ? FORWARD : 1);
  const fits = Math.min(views, Math.floor(budget.left() / (perImage * learner.data.valid.length)));
  if (fits < views) onEvent({ event: "shortened", stage: "tta", epochs: fits, planned: views });
  return fits;
}

async function rateFor({ learner, recipe, index, headRate, resumeFolder, onEvent }: DecideOptions, stage: StagePlan): Promise<number> {
  const { name } = stage;
  const say = (suggestion: number, reason: string): number => {
    onEvent({ event: "lr", stage: name, suggestion, reason });
    return suggestion;
  };
  if (stage.lr !== undefined) return say(stage.lr, recipe.why.lr ?? "found before");
  if (name === "augment" && headRate !== undefined) return say(headRate, "the head's, as before");
  // The head's rate is searched for on cached activations, which takes seconds.
  const { precompute } = learner;
  if (name === "augment") learner.precompute = true;
  const found = await learner.lrFind(searchOf(learner, name, recipe));
  learner.precompute = precompute;
  await resumeFolder.writeCurve(index, stage, found);
  if (found.suggestion !== undefined) return say(found.suggestion, "valley of the finder's curve");
  return say(headRate ?? FALLBACK_RATE, "the finder's curve never fell, so a usual rate");
}
