// The whole recipe on one folder: activations once, learning rate found, head, augmentation with warm restarts, all layers with
// differential learning rates, test-time augmentation. It never ends below its best stage.

import type { WorkOptions } from "../core/progress.ts";
import { type FromCsvOptions, ImageClassifierData } from "../data/image-data.ts";
import { tfmsFromModel, transformsSideOn } from "../data/transforms.ts";
import { type EpochResult, isBetter } from "../learner/fit.ts";
import { ConvLearner, type FinderOptions } from "../learner/learner.ts";
import type { Precision } from "../learner/precision.ts";
import { architectureOf } from "../nn/catalogue.ts";
import { findWeights } from "../nn/hub/find-weights.node.ts";
import { thawSmall } from "../nn/thaw-small.ts";
import type { DoneEvent, RecipeEvent, StageName, StageSummary } from "./events.ts";
import { choosePlaces } from "./places.ts";

/** How a table of labels is to be read. */
export type TableOptions = Pick<
  FromCsvOptions,
  "suffix" | "skipHeader" | "separator" | "catSeparator" | "labelColumns" | "continuous" | "multiLabel" | "valIdxs"
>;

export interface TrainOptions {
  /** Folder of the photographs: train/<class> and valid/<class>, or one folder per class; with `csv`, the folder that its names lie in. */
  readonly folder: string;
  /** Table of the photographs' names and labels, a path from here or from the folder: several labels in a cell, or numbers, train for these. */
  readonly csv?: string | undefined;
  /** How the table is to be read. */
  readonly table?: TableOptions | undefined;
  /** Name of the network, such as "mobilenet_v2"; default the one whose weights ship with thaw. */
  readonly arch?: string | undefined;
  /** The network's pretrained weights, as the learner's option `weights` says; default those that ship with thaw or are published. */
  readonly weights?: string | undefined;
  /** Downloads nothing. */
  readonly offline?: boolean | undefined;
  readonly seed: number;
  /** Images in a batch, at least 2. */
  readonly bs: number;
  /** Width and height in pixels that the network sees; default the network's own size. */
  readonly size?: number | undefined;
  readonly threads?: number | undefined;
  /** Precision of the frozen part when it feeds training; default "auto": 8 bit where it pays and its features are close enough. */
  readonly precision?: Precision | undefined;
  readonly cache?: string | undefined;
  readonly out?: string | undefined;
  /** Overwrites a model folder that is there. */
  readonly force: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent: (event: RecipeEvent) => void;
}

/** Below this number of training images, batch norm keeps the statistics of its pretraining: they are better than what so few batches give. */
const ENOUGH_FOR_STATISTICS = 10_000;
/** The rates of the layer groups in relation to the head's: earlier layers hold more general features, and change less. */
const GROUP_RATIOS = [1 / 100, 1 / 10, 1];
/** The search with all layers takes fewer and smaller steps than the head's, about a third of an epoch: a full one would take longer than training. */
const UNFROZEN_SEARCH = { bs: 16, startLr: 1e-5, endLr: 1, minSteps: 20, maxSteps: 40 };

/** The head's rate where the finder has no suggestion: fastai's usual one. */
const FALLBACK_RATE = 1e-2;

type Result = Pick<EpochResult, "accuracy" | "validLoss" | "metrics">;

/** Runs the recipe and saves the model. Throws a UsageError for what a person can mend; an aborted signal throws, and what was computed is kept. */
export async function train(options: TrainOptions): Promise<DoneEvent> {
  const { onEvent, signal, seed, bs, threads } = options;
  const architecture = options.arch === undefined ? thawSmall : architectureOf(options.arch);
  const places = await choosePlaces(options.folder, options);
  const work: WorkOptions = {
    signal,
    onProgress: (progress) => onEvent({ event: "progress", ...progress }),
    onWarning: (warning) => onEvent({ event: "warning", ...warning }),
  };
  // Found, or missed, before any image is looked at.
  const { path: weights, row = architecture } = await findWeights(architecture, options.weights, { ...work, offline: options.offline });
  const tfms = tfmsFromModel(row, options.size ?? architecture.size, { augTfms: transformsSideOn, maxZoom: 1.1 });
  const common = { ...work, tfms, bs, seed, cache: places.cache };
  const data =
    options.csv === undefined
      ? await ImageClassifierData.fromPaths(options.folder, common)
      : await ImageClassifierData.fromCsv(options.folder, "", options.csv, { ...options.table, ...common });
  onEvent({
    event: "data",
    ...(data.kind !== "single" && { kind: data.kind }),
    classes: data.classes,
    train: data.train.length,
    valid: data.valid.length,
    leftOut: data.leftOut,
  });
  const learner = await ConvLearner.pretrained(architecture, data, {
    ...work,
    weights,
    cache: places.cache,
    seed,
    ...(threads && { threads }),
    precision: options.precision ?? "auto",
    onPrecision: (choice) => onEvent({ event: "precision", ...choice }),
  });
  try {
    return await new Run(learner, onEvent).whole(places.model);
  } finally {
    await learner.dispose();
  }
}

/** The state of one run: the best weights so far, and what each stage came to. */
class Run {
  readonly #learner: ConvLearner;
  readonly #onEvent: (event: RecipeEvent) => void;
  readonly #stages: StageSummary[] = [];
  #best: Result | undefined;

  constructor(learner: ConvLearner, onEvent: (event: RecipeEvent) => void) {
    this.#learner = learner;
    this.#onEvent = onEvent;
  }

  async whole(model: string): Promise<DoneEvent> {
    const headRate = await this.#precompute();
    await this.#augment(headRate);
    await this.#unfreeze(headRate);
    const { accuracy: ttaAccuracy, metrics: ttaMetrics } = await this.#tta();
    const { accuracy, metrics } = this.#best as Result;
    const all = { ...(metrics && { metrics }), ...(ttaMetrics && { ttaMetrics }) };
    await this.#learner.save(model, { stages: this.#stages, accuracy, ttaAccuracy, ...all });
    const done: DoneEvent = { event: "done", accuracy, ttaAccuracy, ...all, stages: this.#stages, model };
    this.#onEvent(done);
    return done;
  }

  /** Returns the head's learning rate. */
  async #precompute(): Promise<number> {
    let rate = FALLBACK_RATE;
    await this.#stage("precompute", "train the new head on activations that are computed once", async (onEpoch) => {
      this.#learner.precompute = true;
      rate = await this.#findRate("precompute", {}, FALLBACK_RATE);
      // That there is no augmentation in this stage is its purpose, not a surprise to warn of.
      return this.#learner.fit(rate, 3, { cycleLen: 1, cycleMult: 2, best: true, onEpoch, onWarning: () => {} });
    });
    return rate;
  }

  async #augment(rate: number): Promise<void> {
    await this.#stage(
      "augment",
      "train the head on images that are cropped, turned, lit and mirrored anew in each epoch",
      async (onEpoch) => {
        this.#learner.precompute = false;
        return this.#learner.fit(rate, 3, { cycleLen: 1, best: true, onEpoch });
      },
    );
  }

  async #unfreeze(headRate: number): Promise<void> {
    await this.#stage(
      "unfreeze",
      "train all layers, the earliest ones slowest, to fit the pretrained features to these photographs",
      async (onEpoch) => {
        const learner = this.#learner;
        learner.unfreeze();
        learner.bnFreeze = learner.data.train.length < ENOUGH_FOR_STATISTICS;
        const { minSteps, maxSteps, ...search } = UNFROZEN_SEARCH;
        const steps = Math.min(maxSteps, Math.max(minSteps, Math.round(learner.data.train.length / search.bs / 3)));
        const rate = await this.#findRate("unfreeze", { ...search, steps, ratios: GROUP_RATIOS }, headRate);
        const before = this.#best as Result;
        const hopeless = (epochs: readonly EpochResult[]): boolean => !epochs.some((epoch) => isBetter(epoch, before));
        return learner.fit(
          GROUP_RATIOS.map((ratio) => rate * ratio),
          2,
          { cycleLen: 1, cycleMult: 2, best: true, onEpoch, stopAfterCycle: hopeless },
        );
      },
    );
  }

  async #tta(): Promise<Pick<Result, "accuracy" | "metrics">> {
    const start = performance.now();
    this.#onEvent({ event: "stage", name: "tta", purpose: "predict each validation image plain and in four augmented views, and average" });
    const { accuracy, metrics } = await this.#learner.tta();
    const worth = { accuracy, ...(metrics && { metrics }) };
    this.#end({ name: "tta", ...worth, seconds: secondsSince(start), kept: true }, "the model is not changed by it");
    return worth;
  }

  /** Runs a training stage, and goes back to the weights before it where validation did not get better. */
  async #stage(
    name: StageName,
    purpose: string,
    run: (onEpoch: (result: EpochResult) => void) => Promise<readonly EpochResult[]>,
  ): Promise<void> {
    const start = performance.now();
    const [weights, before] = [this.#learner.parameters, this.#best];
    this.#onEvent({ event: "stage", name, purpose });
    const epochs = await run((result) => this.#onEvent({ event: "epoch", stage: name, ...result }));
    const best = epochs.reduce((a, b) => (isBetter(b, a) ? b : a));
    const kept = before === undefined || isBetter(best, before);
    if (kept) this.#best = best;
    else this.#learner.parameters = weights;
    const { accuracy, metrics } = best;
    this.#end({ name, accuracy, ...(metrics && { metrics }), seconds: secondsSince(start), kept }, noteOf(best, before, kept));
  }

  #end(summary: StageSummary, note: string): void {
    this.#stages.push(summary);
    this.#onEvent({ event: "stageEnd", ...summary, note });
  }

  async #findRate(stage: StageName, options: FinderOptions, fallback: number): Promise<number> {
    const { suggestion } = await this.#learner.lrFind(options);
    const reason = suggestion === undefined ? "the finder's curve never fell, so a usual rate" : "valley of the finder's curve";
    this.#onEvent({ event: "lr", stage, suggestion: suggestion ?? fallback, reason });
    return suggestion ?? fallback;
  }
}

function noteOf(best: EpochResult, before: Result | undefined, kept: boolean): string {
  const after = `the weights after epoch ${best.epoch}`;
  if (before === undefined || kept) return `kept ${after}`;
  const same = best.accuracy === before.accuracy ? "the same accuracy at a higher loss" : "validation got worse";
  return `${same}, so the weights from before this stage are kept`;
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
