// What a learner is at a moment, and the parts of its work that fitting, finding and predicting share. The learner's face is learner.ts.

import type { Calibration } from "../classifier/format.ts";
import { normalizePixels } from "../classifier/preprocess.ts";
import { type Scale, scaleOf } from "../classifier/targets.ts";
import { cacheBeside } from "../core/cache-folder.node.ts";
import { expected, UsageError } from "../core/errors.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { ImageClassifierData } from "../data/image-data.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/types.ts";
import type { Parameters } from "../nn/scope.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import type { Sched } from "./callbacks/recorder.ts";
import type { InputBatch } from "./frozen/batches.ts";
import { type CutNetwork, DataPath } from "./frozen/data-path.ts";
import type { FrozenPart } from "./frozen/frozen-part.ts";
import type { Mixer } from "./frozen/mixing.ts";
import type { LearnerOptions } from "./learner-options.ts";
import type { EpochResult, SwaResult } from "./loop/epoch-result.ts";
import type { Metric } from "./measured.ts";
import { cutNetwork, type Network } from "./network.ts";
import { type Optimizer, sgd } from "./step/optimizer.ts";
import { Trainer, type TrainerState } from "./step/trainer.ts";
import { LEARNER_KINDS } from "./target-kinds.ts";
import { type Task, withMetrics, withTemperature } from "./task.ts";

/** What a learner starts with. */
export interface Start {
  readonly network: Network;
  readonly parameters: Parameters;
  /** Default 0.5. */
  readonly threshold?: number;
  /** Default: by the data. */
  readonly scale?: Scale;
}

/** What a trainer is made with beside the learner's state. */
export interface TrainerSettings {
  readonly optimizer: Optimizer;
  /** Whether the gradients of several batches make one update; default false. */
  readonly accumulate?: boolean;
  /** Default: the learner's. */
  readonly clip?: number | undefined;
  /** The state of the optimiser where it goes on. */
  readonly resume?: TrainerState | undefined;
}

export class LearnerState {
  readonly network: Network;
  readonly options: LearnerOptions;
  readonly seed: number;
  readonly optimizer: Optimizer;
  readonly session: SessionOptions;
  /** How numbers are scaled for training: by the data that the learner was made for. */
  readonly scale: Scale;
  /** Measures of the user's own, by name. */
  readonly metrics: Readonly<Record<string, Metric>>;
  parameters: Parameters;
  precompute: boolean;
  #precomputeViews = 0;
  bnFreeze = false;
  threshold: number;
  /** Fitted to the weights as they are; a fit drops it. */
  calibration: Calibration | undefined;
  /** The epochs of all fits. */
  history: readonly EpochResult[] = [];
  /** Epochs so far: each has an order and an augmentation of its own. */
  epochs = 0;
  sched: Sched | undefined;
  swa: Parameters | undefined;
  swaResults: readonly SwaResult[] = [];
  #trained: ReadonlySet<number>;
  #data: ImageClassifierData;
  #path: DataPath;

  constructor({ network, parameters, threshold = 0.5, scale }: Start, data: ImageClassifierData, options: LearnerOptions) {
    const { device, threads } = options;
    this.network = network;
    this.options = options;
    this.seed = options.seed ?? data.seed;
    this.optimizer = options.optimizer ?? sgd();
    this.session = { ...(device && { device }), ...(threads && { threads }) };
    this.threshold = threshold;
    this.scale = scale ?? scaleOf(data.train.map((item) => item.values ?? []));
    this.metrics = options.metrics ?? {};
    this.parameters = parameters;
    this.precompute = options.precompute ?? false;
    this.precomputeViews = options.precomputeViews ?? 0;
    this.#trained = new Set([network.groups - 1]);
    this.#data = data;
    this.#path = this.#newPath();
  }

  get data(): ImageClassifierData {
    return this.#data;
  }

  get precomputeViews(): number {
    return this.#precomputeViews;
  }

  set precomputeViews(views: number) {
    if (!Number.isInteger(views) || views < 0) throw expected("a whole number of at least 0", "precomputeViews", views);
    this.#precomputeViews = views;
  }

  /** The layer groups that train; never none. */
  get trained(): ReadonlySet<number> {
    return this.#trained;
  }

  /** Throws a UsageError for a group that can only be frozen, naming the operator. */
  set trained(groups: ReadonlySet<number>) {
    const { name, untrainable } = this.network.architecture;
    const first = Math.min(...groups);
    if (untrainable && first < untrainable.from)
      throw new UsageError(
        `Layer group ${first} of ${name} can only be frozen: ${untrainable.reason}`,
        `Train what comes after it: freezeTo(${untrainable.from}).`,
      );
    this.#trained = groups;
  }

  /** The way of the data through the network as it is cut now. */
  get path(): DataPath {
    return this.#path;
  }

  get task(): Task {
    return this.taskWith(this.metrics);
  }

  /** What is taught, and measured by `metrics` too. */
  taskWith(metrics: Readonly<Record<string, Metric>>): Task {
    const { kind, classes } = this.#data;
    const { task: taskOf, measured } = LEARNER_KINDS[kind];
    const task = taskOf(classes, this, this.options);
    return withMetrics(this.calibration ? withTemperature(task, this.calibration.temperature) : task, measured, metrics);
  }

  /** The stages right of the freeze point. */
  get trainedStages() {
    return cutNetwork(this.network, (group) => this.trains(group)).trained;
  }

  trains(group: number): boolean {
    return this.trained.has(group);
  }

  /** Goes on with other data of the same classes. Throws a UsageError for data of others. */
  async useData(data: ImageClassifierData): Promise<void> {
    if (data.classes.join("\n") !== this.#data.classes.join("\n")) {
      throw new UsageError("The new data has other classes than the learner", `Give data of the classes ${this.#data.classes.join(", ")}.`);
    }
    if (data.channels !== this.#data.channels) throw expected(`${this.#data.channels} channels`, "the new data", data.channels);
    if (data.kind !== this.#data.kind) throw expected(`targets of the kind "${this.#data.kind}"`, "the new data", data.kind);
    await this.#path.release();
    this.calibration = undefined;
    this.#data = data;
    this.#path = this.#newPath();
  }

  /** The frozen part with `parameters`, by default the learner's. */
  frozen(parameters: Parameters = this.parameters): Promise<FrozenPart> {
    return this.#path.open(Math.min(...this.trained), parameters);
  }

  /** The network as it is cut now, with `parameters`, by default the learner's. */
  async cut(parameters: Parameters = this.parameters): Promise<CutNetwork> {
    return { frozen: await this.frozen(parameters), stages: this.trainedStages, parameters };
  }

  /** What makes the first trained stage's input of what crosses the freeze point; undefined where that is the input. */
  prepare(frozen: FrozenPart) {
    const normalization = this.#data.tfms;
    return frozen.type === "uint8" ? (graph: GraphBuilder, pixels: Value) => normalizePixels(graph, pixels, normalization) : undefined;
  }

  /** A trainer for the layers that train now. */
  trainer(frozen: FrozenPart, { optimizer, accumulate, clip, resume }: TrainerSettings): Trainer {
    return new Trainer({
      stages: this.trainedStages,
      prepare: this.prepare(frozen),
      inputType: frozen.type,
      itemShape: frozen.itemShape,
      classes: this.#data.c,
      objective: this.task.objective,
      parameters: this.parameters,
      trainable: (group) => this.trains(group),
      bnFreeze: this.bnFreeze,
      optimizer,
      accumulate,
      clip: clip ?? this.options.clip,
      session: this.session,
      seed: this.seed,
      resume,
    });
  }

  /** The training batches of an epoch, which a word names where it is none of a fit's, without the first `skip`. */
  async *epochBatches(
    frozen: FrozenPart,
    epoch: number | string,
    bs: number,
    work: WorkOptions,
    { skip = 0, mix }: { skip?: number; mix?: Mixer | undefined } = {},
  ): AsyncGenerator<InputBatch> {
    const order = this.#data.trainOrder(this.seed, epoch, this.options.sampling).slice(skip * bs);
    // The finder's rounds draw augmentations of their own, so that it takes nothing from the epochs that follow.
    const draw = typeof epoch === "number" ? epoch : -1;
    const precompute = this.precompute ? { views: this.precomputeViews } : undefined;
    yield* await this.#path.trainBatches(frozen, { order, epoch: draw, batchSize: bs, precompute, mix }, work);
  }

  /** Targets of the training items at `indices`, as the objective takes them. */
  targets(indices: readonly number[]) {
    return this.task.targets(indices.map((index) => this.#data.train[index]!));
  }

  /** Logits [items, outputs] of the validation images with `parameters`. */
  validLogits(frozen: FrozenPart, parameters: Parameters, work: WorkOptions): Promise<Float32Array> {
    return this.#path.logits("valid", { frozen, stages: this.trainedStages, parameters }, this.precompute, work);
  }

  /** What a call says about its work, completed by what the learner was made with. */
  work({ onProgress, onWarning, signal }: WorkOptions): WorkOptions {
    const own = this.options;
    return { onProgress: onProgress ?? own.onProgress, onWarning: onWarning ?? own.onWarning, signal: signal ?? own.signal };
  }

  #newPath(): DataPath {
    const { network, seed, session, options } = this;
    const { cache = cacheBeside(this.#data.path), precision = "fp32", onPrecision } = options;
    return new DataPath({ network, data: this.#data, seed, session, cache, precision, onPrecision });
  }
}
