// A run: its stages one after another, on one network and size after another, never ending below the best of them.

import * as v from "valibot";
import type { WorkOptions } from "../../core/progress.ts";
import type { Store } from "../../core/store/store.ts";
import type { ImageDataset } from "../../data/dataset/dataset.ts";
import { TARGET_KINDS } from "../../data/dataset/targets.ts";
import { type DataProblems, findDataProblems } from "../../interpret/data-problems.ts";
import type { DeviceName } from "../../learner/device/resolve-device.ts";
import type { ConvLearner } from "../../learner/learner.ts";
import type { Callback, FitState } from "../../learner/loop/callback.ts";
import type { EpochResult } from "../../learner/loop/loop.ts";
import type { TtaPredictions } from "../../learner/predict/predictions.ts";
import type { RecipeEvent, StagePlace, StageSummary } from "../events.ts";
import type { Recipe, StagePlan } from "../file/schema.ts";
import { predictionSpeed } from "../record/prediction-speed.ts";
import type { StageRecord } from "../record/record.ts";
import {
  type Best,
  bestEpoch,
  bestOfFit,
  betterAfter,
  betterOf,
  betterOn,
  type Compare,
  decisionsOf,
  goBack,
  type Snapshot,
  snapshotOf,
} from "./best.ts";
import type { Budget } from "./budget.ts";
import { type Decided, decide, viewsFor } from "./decide.ts";
import { firstAnswer } from "./first-answer.ts";
import type { ResumeFolder } from "./resume-folder.ts";
import { dataFor, learnerFor, type Networks } from "./stage-learner.ts";
import { enter, noteOf, purposeOf, trainStage } from "./train-stage.ts";

export interface RunOptions {
  readonly recipe: Recipe;
  /** The photographs as they were read. */
  readonly data: ImageDataset;
  readonly networks: Networks;
  readonly resumeFolder: ResumeFolder;
  readonly budget: Budget;
  readonly cache: string | Store;
  readonly checkpointSeconds: number | undefined;
  readonly device: DeviceName | undefined;
  readonly work: WorkOptions;
  readonly onEvent: (event: RecipeEvent) => void;
  /** Awaited once, when all is checked and the first learner is ready: what comes next computes. */
  readonly onReady: () => Promise<void>;
}

/** Too few images say nothing about labels, and comparing all pairs of too many takes longer than a report should. */
const [FEWEST_CHECKED, MOST_CHECKED] = [100, 20_000];
/** Length of each list in the record; `thaw audit` lists all. */
const PROBLEMS_LISTED = 50;

export class Run {
  readonly summaries: StageSummary[] = [];
  readonly records: StageRecord[] = [];
  readonly #options: RunOptions;
  /** The recipe; what it leaves open is filled in as it is decided. */
  #recipe: Recipe;
  #learner: ConvLearner | undefined;
  /** The previous stage, to notice when another network or size begins. */
  #place: StagePlan | undefined;
  /** The head's rate, and the best weights, on this network and size. */
  #headRate: number | undefined;
  #here: Best | undefined;
  /** The best on any network and size. */
  #best: Best | undefined;
  /** Whether the learner has not gone through a stage yet. */
  #fresh = false;
  #fit: FitState | undefined;
  /** The first learner before any stage. */
  #untrained: Snapshot | undefined;
  readonly #isBetter: Compare;
  /** The same for the epochs of the stage that is running. */
  #isBetterEpoch: Compare;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#recipe = options.recipe;
    this.#isBetter = betterOn(decisionsOf(options.data));
    this.#isBetterEpoch = this.#isBetter;
  }

  get recipe(): Recipe {
    return this.#recipe;
  }

  /** The best weights so far, including those of the running stage. */
  get best(): Best | undefined {
    const running = this.#learner && this.#fit && bestOfFit(this.#learner, this.#fit, this.#isBetterEpoch);
    return betterOf(this.#best, running, this.#isBetter);
  }

  /** Goes through all stages that train, and returns the best weights. */
  async train(): Promise<Best> {
    for (let index = 0; index < this.#recipe.stages.length; ) if (await this.#stage(index)) index++;
    return this.#best as Best;
  }

  /** Likely mistakes in the data, found by the pretrained network before it learnt the labels; undefined if labels cannot be checked. */
  async problems(): Promise<DataProblems | undefined> {
    const { data, cache, work, onEvent } = this.#options;
    const images = data.train.length + data.valid.length;
    if (!this.#untrained || !TARGET_KINDS[data.kind].exclusive || images < FEWEST_CHECKED || images > MOST_CHECKED) return undefined;
    const learner = await goBack(this.#untrained);
    const { threads, precision } = this.#recipe;
    // In the precision of training the features are cached.
    const found = await findDataProblems(learner, { ...work, cache, precision, session: { threads } });
    const { images: all, likelyWrong, agreement, flips } = found;
    onEvent({ event: "problems", images: all, likelyWrong, agreement, ...(flips && { flips }) });
    return {
      ...found,
      labels: found.labels.slice(0, PROBLEMS_LISTED),
      duplicates: found.duplicates.slice(0, PROBLEMS_LISTED),
      outliers: [],
    };
  }

  /** Predictions by the learner of the best weights: plain, and averaged over augmented views if the recipe has any. */
  async predict(learner: ConvLearner): Promise<TtaPredictions> {
    const { budget, onEvent, resumeFolder } = this.#options;
    const start = performance.now();
    const views = await viewsFor(learner, this.#recipe.tta, budget, onEvent);
    this.#recipe = { ...this.#recipe, tta: views };
    await resumeFolder.writeRecipe(this.#recipe);
    if (views === 0) return learner.tta(0);
    const purpose = `predict each validation image plain and in ${views} augmented views, and average`;
    onEvent({ event: "stage", name: "tta", purpose });
    const predicted = await learner.tta(views, { weight: "fitted" });
    this.#end(
      { name: "tta", ...worthOf(predicted), seconds: secondsSince(start), kept: predicted.weight > 0 },
      viewsNote(predicted.weight),
    );
    return predicted;
  }

  /** Validation images that the model saved in `model` predicts in a second on this machine. */
  speed(model: Store): Promise<number> {
    return predictionSpeed(model, this.#options.data.valid, { threads: this.#recipe.threads });
  }

  async release(): Promise<void> {
    await this.#learner?.dispose();
  }

  /** Runs a stage, and restores the weights from before if validation did not improve. False if there was no time for it. */
  async #stage(index: number): Promise<boolean> {
    const { onEvent, resumeFolder, budget } = this.#options;
    const stage = this.#recipe.stages[index] as StagePlan;
    const start = performance.now();
    const learner = await this.#move(stage);
    if (!this.#untrained) await this.#options.onReady();
    this.#untrained ??= snapshotOf(learner);
    onEvent({ event: "stage", name: stage.name, purpose: purposeOf(stage.name, this.#recipe), ...this.#placeOf(stage) });
    if (this.#fresh && stage.name === "precompute") this.#here = await firstAnswer(learner, onEvent);
    this.#best = betterOf(this.#best, this.#here, this.#isBetter);
    this.#fresh = false;
    const [weights, before, headRate] = [learner.parameters, this.#here, this.#headRate];
    enter(learner, stage.name, this.#recipe);
    const decided = await decide({ learner, recipe: this.#recipe, index, headRate, budget, resumeFolder, onEvent });
    await this.#resolve(index, decided);
    if (!decided) return false;
    this.#headRate ??= decided.lr;
    this.#isBetterEpoch = betterAfter(before?.result, this.#isBetter);
    const { epochs, seconds, resumed } = await this.#train(learner, decided, index, start);
    const best = bestEpoch(epochs, this.#isBetterEpoch);
    const kept = before === undefined || this.#isBetter(best, before.result);
    if (kept) this.#here = { ...snapshotOf(learner), result: best };
    else learner.parameters = weights;
    this.#best = betterOf(this.#best, this.#here, this.#isBetter);
    this.records.push({ stage: index, name: stage.name, finder: await resumeFolder.curve(index, stage), sched: learner.sched });
    const summary = { name: stage.name, ...this.#placeOf(stage), ...worthOf(best), seconds, kept, ...(resumed && { resumed }) };
    this.#end(summary, noteOf(best, before?.result, kept));
    return true;
  }

  /** Trains a stage that began at `start`; what an earlier process did of it counts in the seconds, and is marked. */
  async #train(
    learner: ConvLearner,
    decided: Decided,
    index: number,
    start: number,
  ): Promise<{ epochs: readonly EpochResult[]; seconds: number; resumed: boolean }> {
    const { resumeFolder, checkpointSeconds, onEvent } = this.#options;
    const before = this.#here;
    const hopeless = (epochs: readonly EpochResult[]): boolean =>
      before !== undefined && !epochs.some((epoch) => this.#isBetter(epoch, before.result));
    const see = (fit: FitState): void => {
      this.#fit = fit;
    };
    let best: EpochResult | undefined;
    const tell = (result: EpochResult): void => {
      best = bestEpoch(best ? [best, result] : [result], this.#isBetterEpoch);
      const { accuracy: bestAccuracy } = betterOf<Pick<Best, "result">>(this.#best, { result: best }, this.#isBetter).result;
      const resumed = result.epoch <= earlier.epochs;
      onEvent({ event: "epoch", stage: decided.name, ...result, bestAccuracy, ...(resumed && { resumed }) });
    };
    // What the earlier process did, by the checkpoint.
    const earlier = { seconds: 0, epochs: 0 };
    const clock: Callback = {
      onTrainBegin: see,
      keep: () => ({ values: { seconds: earlier.seconds + secondsSince(start) } }),
      kept: v.object({ seconds: v.pipe(v.number(), v.minValue(0)) }),
      onResume(fit, stored) {
        const seconds = stored?.values.seconds;
        Object.assign(earlier, { seconds: typeof seconds === "number" ? seconds : 0, epochs: fit.results.length });
        see(fit);
      },
    };
    const epochs = await trainStage(learner, decided, this.#recipe, decided.lr, {
      monitor: this.#isBetterEpoch,
      checkpoint: resumeFolder.checkpoint(index, decided),
      ...(checkpointSeconds !== undefined && { checkpointSeconds }),
      callbacks: [clock],
      onEpoch: tell,
      // Epochs of all layers are expensive: no more are run if the first cycle brought no improvement.
      ...(decided.name === "unfreeze" && { stopAfterCycle: hopeless }),
    });
    this.#fit = undefined;
    const resumed = earlier.epochs === epochs.length;
    return { epochs, resumed, seconds: resumed ? earlier.seconds : earlier.seconds + secondsSince(start) };
  }

  /** The learner for a stage: a new one for another network, and new data for another size. */
  async #move(stage: StagePlan): Promise<ConvLearner> {
    const { data, networks, cache, work, onEvent } = this.#options;
    const before = this.#place;
    this.#place = stage;
    if (this.#learner && before?.network === stage.network && before.size === stage.size) return this.#learner;
    [this.#here, this.#headRate] = [undefined, undefined];
    const seen = dataFor(data, stage, this.#recipe, networks);
    if (this.#learner && before?.network === stage.network) {
      await this.#learner.setData(seen);
    } else {
      await this.#learner?.dispose();
      this.#fresh = true;
      this.#learner = await learnerFor(seen, stage, this.#recipe, networks, {
        ...work,
        cache,
        device: this.#options.device,
        onPrecision: (choice) => onEvent({ event: "precision", ...choice }),
        onDevice: (choice) => onEvent({ event: "device", ...choice }),
      });
    }
    return this.#learner;
  }

  /** Records what was decided about stage `index`; a stage without time is removed. */
  async #resolve(index: number, decided: Decided | undefined): Promise<void> {
    const stages = this.#recipe.stages.flatMap((stage, i) => (i === index ? (decided ?? []) : stage));
    this.#recipe = { ...this.#recipe, stages };
    await this.#options.resumeFolder.writeRecipe(this.#recipe);
  }

  #end(summary: StageSummary, note: string): void {
    this.summaries.push(summary);
    this.#options.onEvent({ event: "stageEnd", ...summary, note });
  }

  /** The network and size of a stage, each only if the recipe has several. */
  #placeOf({ network, size }: StagePlan): StagePlace {
    const { stages } = this.#recipe;
    return {
      ...(stages.some((stage) => stage.network !== network) && { network }),
      ...(stages.some((stage) => stage.size !== size) && { size }),
    };
  }
}

/** What the views count, in words. */
function viewsNote(weight: number): string {
  const share = weight > 0 ? `the augmented views count ${Math.round(100 * weight)} % in it` : "the plain predictions alone are better";
  return `${share}; the model is not changed by it`;
}

function worthOf({ accuracy, metrics }: Pick<EpochResult, "accuracy" | "metrics">): Pick<StageSummary, "accuracy" | "metrics"> {
  return { accuracy, ...(metrics && { metrics }) };
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
