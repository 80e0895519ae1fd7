// The learner: a pretrained network with a new head, the data, and what training does to them. The names are fastai's.

import { normalizePixels } from "../classifier/preprocess.ts";
import { type Scale, scaleOf } from "../classifier/targets.ts";
import { cacheBeside } from "../core/cache-folder.ts";
import { expected, UsageError } from "../core/errors.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { ImageClassifierData } from "../data/image-data.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/types.ts";
import type { Architecture, Parameters } from "../nn/scope.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import { swa } from "./averages.ts";
import type { InputBatch } from "./batches.ts";
import { DataPath } from "./data-path.ts";
import { type FinderLoopOptions, type Found, findLearningRate } from "./finder.ts";
import { type EpochResult, fitEpochs } from "./fit.ts";
import type { Finder2Options, FinderOptions, FitFlatCosOptions, FitOneCycleOptions, FitOptions, TrainingOptions } from "./fit-options.ts";
import {
  callbacksOf,
  fitStretch,
  phaseStretches,
  planStretches,
  policyStretch,
  type Stretch,
  stepsPerEpoch,
  warnOfIdleAugmentation,
} from "./fit-plan.ts";
import type { FrozenPart } from "./frozen-part.ts";
import { type GroupValues, perGroup } from "./group-values.ts";
import type { LearnerOptions } from "./learner-options.ts";
import { cutNetwork, groupAt, type Network, networkOf } from "./network.ts";
import { flatCosine, oneCycle } from "./one-cycle.ts";
import { type Optimizer, sgd } from "./optimizer.ts";
import type { TrainingPhase } from "./phases.ts";
import { averageMembers, averageViews, type Predicted, type Predictions, predictionsOf, type TtaPredictions } from "./predictions.ts";
import { startingFromMean, startParameters } from "./pretrained.ts";
import { openValidationProbe } from "./probe.ts";
import { saveModel } from "./save-model.ts";
import { recorder, type Sched } from "./sched.ts";
import { exponential, linear as linearTo } from "./schedule.ts";
import { refreshStatistics } from "./statistics.ts";
import { type LayerSummary, summarize } from "./summary.ts";
import { type Task, taskOf } from "./task.ts";
import { Trainer } from "./trainer.ts";

export type { FinderOptions, FitOptions } from "./fit-options.ts";
export type { LearnerOptions } from "./learner-options.ts";

export class ConvLearner {
  readonly network: Network;
  readonly seed: number;
  /** Keeps the running statistics of batch norm while its layers train. */
  bnFreeze = false;
  /** The probability, in (0, 1), from which on a label is predicted where images may have several; saved with the model. */
  threshold = 0.5;
  /** Trains on cached activations, without augmentation. Takes effect, and computes what is missing, at the next use. */
  precompute: boolean;
  /** All parameters by name, as they are now. Setting them goes back to what was kept. */
  parameters: Parameters;
  /** Losses, rates and momenta of the last fit, and their pictures; undefined before the first. */
  sched: Sched | undefined;
  /** The averaged weights of the last fit with `useSwa`: give them to `parameters` to go on with them. */
  swa: Parameters | undefined;
  readonly #options: LearnerOptions;
  readonly #optimizer: Optimizer;
  readonly #session: SessionOptions;
  #data: ImageClassifierData;
  #path: DataPath;
  /** How numbers are scaled for training: by the data that the learner was made for. */
  readonly #scale: Scale;
  /** The layer groups that train: from the first to the last of these. */
  #firstTrained: number;
  #lastTrained: number;
  /** Epochs so far: each has an order and an augmentation of its own. */
  #epochs = 0;

  private constructor(network: Network, data: ImageClassifierData, parameters: Parameters, options: LearnerOptions) {
    this.network = network;
    this.parameters = parameters;
    this.seed = options.seed ?? data.seed;
    this.precompute = options.precompute ?? false;
    this.#options = options;
    this.#session = { ...(options.device && { device: options.device }), ...(options.threads && { threads: options.threads }) };
    this.#optimizer = options.optimizer ?? sgd();
    this.#data = data;
    this.#scale = scaleOf(data.train.map((item) => item.values ?? []));
    this.#path = this.#newPath();
    [this.#firstTrained, this.#lastTrained] = [network.groups - 1, network.groups - 1];
  }

  /** A learner for `data` on the pretrained body of `architecture`, which starts frozen. Throws a UsageError for weights that do not fit. */
  static async pretrained(architecture: Architecture, data: ImageClassifierData, options: LearnerOptions = {}): Promise<ConvLearner> {
    const { xtraFc = [512], ps, seed = data.seed } = options;
    const probabilities = typeof ps === "number" ? [...xtraFc, 0].map(() => ps) : (ps ?? [...xtraFc.map(() => 0.25), 0.5]);
    const network = networkOf(architecture, { hidden: [...xtraFc], ps: [...probabilities] }, data.c);
    const parameters = await startParameters(network, options.weights, seed);
    return new ConvLearner(network, data, data.isReg ? startingFromMean(network, parameters) : parameters, options);
  }

  get data(): ImageClassifierData {
    return this.#data;
  }

  /** The layer groups that train now. */
  get trained(): readonly number[] {
    return Array.from({ length: this.network.groups }, (_, group) => group).filter((group) => this.#trains(group));
  }

  /** Goes on with other data of the same classes, such as the same images at another size; freezes the body. */
  async setData(data: ImageClassifierData): Promise<void> {
    await this.#useData(data);
    this.freeze();
  }

  async #useData(data: ImageClassifierData): Promise<void> {
    if (data.classes.join("\n") !== this.#data.classes.join("\n")) {
      throw new UsageError("The new data has other classes than the learner", `Give data of the classes ${this.#data.classes.join(", ")}.`);
    }
    if (data.kind !== this.#data.kind) throw expected(`targets of the kind "${this.#data.kind}"`, "the new data", data.kind);
    await this.#path.release();
    this.#data = data;
    this.#path = this.#newPath();
  }

  /** Only the head trains. */
  freeze(): void {
    this.freezeTo(-1);
  }

  /** Layer groups from `group` on train, those before it are frozen; negative numbers count from the end. */
  freezeTo(group: number): void {
    this.#firstTrained = groupAt(this.network, group, "freezeTo");
    this.#lastTrained = this.network.groups - 1;
  }

  /** Layer group `group` alone trains; negative numbers count from the end. */
  freezeAllBut(group: number): void {
    this.#firstTrained = groupAt(this.network, group, "freezeAllBut");
    this.#lastTrained = this.#firstTrained;
  }

  /** All layers train; switches precompute off. */
  unfreeze(): void {
    this.freezeTo(0);
    this.precompute = false;
  }

  /**
   * Trains for `cycles` cycles: of one epoch at a constant rate, or of `cycleLen`·`cycleMult`^k epochs of cosine annealing with warm restarts
   * (or of another shape: `useClr`, `useClrBeta`). `lrs` is one rate for all layer groups, one for each, the earliest layers' first, or a
   * slice. The optimiser starts afresh.
   */
  async fit(lrs: GroupValues, cycles: number, options: FitOptions = {}): Promise<readonly EpochResult[]> {
    return this.#run(options, [fitStretch(lrs, cycles, { ...options, ...this.#work(options) }, this.#optimizer)]);
  }

  /** Trains for `epochs` epochs along one cycle that rises to `lrMax` and falls to nearly nothing, the momentum against it (fastai 2). */
  async fitOneCycle(epochs: number, lrMax: GroupValues, options: FitOneCycleOptions = {}): Promise<readonly EpochResult[]> {
    return this.#run(options, [policyStretch(epochs, lrMax, options, (steps) => oneCycle(steps, options))]);
  }

  /** Trains for `epochs` epochs at the rate `lr`, which falls along a cosine at the end (fastai 2). */
  async fitFlatCos(epochs: number, lr: GroupValues, options: FitFlatCosOptions = {}): Promise<readonly EpochResult[]> {
    return this.#run(options, [policyStretch(epochs, lr, options, (steps) => flatCosine(steps, options))]);
  }

  /**
   * Trains through consecutive phases, each with its own length, rates, momentum, decays, optimiser and data. The learner goes on with the
   * last phase's data.
   */
  async fitPhases(phases: readonly TrainingPhase<ImageClassifierData>[], options: TrainingOptions = {}): Promise<readonly EpochResult[]> {
    return this.#run(options, phaseStretches(phases));
  }

  /** Finds a learning rate for the layers that train now. Leaves no trace: a fit afterwards is the same as without it. */
  async lrFind(options: FinderOptions = {}): Promise<Found> {
    const steps = Math.max(100, stepsPerEpoch(this.#data, options.bs ?? this.#data.bs));
    return this.#find({ steps, ...options, stopDv: true }, undefined);
  }

  /** As `lrFind`, in a fixed number of steps (default 100), with the loss and the metrics of the next validation batch after each. */
  async lrFind2(options: Finder2Options = {}): Promise<Found> {
    const work = this.#work(options);
    const frozen = await this.#path.frozen(this.#firstTrained, this.parameters);
    const { parameters, precompute } = this;
    const probe = await openValidationProbe({
      stages: this.#trainedStages,
      parameters,
      trains: (group) => this.#trains(group),
      frozen,
      prepare: this.#prepare(frozen),
      session: this.#session,
      batches: () => this.#path.validBatches(frozen, precompute, work),
      items: this.#data.valid,
      task: this.#task,
    });
    try {
      return await this.#find({ steps: 100, ...options }, (now) => probe.next(now));
    } finally {
      await probe.release();
    }
  }

  /** Predictions for the validation images, with the validation transform. */
  async predict(options: WorkOptions = {}): Promise<Predictions> {
    const work = this.#work(options);
    const frozen = await this.#path.frozen(this.#firstTrained, this.parameters);
    return predictionsOf(this.#predicted, await this.#validLogits(frozen, this.parameters, work));
  }

  /** The mean of the predictions of several sets of parameters, such as the snapshots of a fit's cycles (Huang et al. 2017). */
  async predictEnsemble(members: readonly Parameters[], options: WorkOptions = {}): Promise<Predictions> {
    if (members.length === 0) throw expected("at least one set of parameters", "predictEnsemble", members);
    const logits: Float32Array[] = [];
    for (const parameters of members) {
      const frozen = await this.#path.frozen(this.#firstTrained, parameters);
      logits.push(await this.#validLogits(frozen, parameters, this.#work(options)));
    }
    return averageMembers(this.#predicted, logits);
  }

  /** Test-time augmentation for the validation images: the mean of the plain prediction and of `views` predictions with the training transform. */
  async tta(views = 4, options: WorkOptions = {}): Promise<TtaPredictions> {
    const work = this.#work(options);
    const frozen = await this.#path.frozen(this.#firstTrained, this.parameters);
    const plain = await this.#validLogits(frozen, this.parameters, work);
    const augmented: Float32Array[] = [];
    for (let view = 0; view < views; view++) {
      const task = `Predicting augmented view ${view + 1} of ${views}`;
      augmented.push(await this.#path.augmentedLogits(frozen, this.#trainedStages, this.parameters, view, task, work));
    }
    return averageViews(this.#predicted, plain, augmented);
  }

  /** Saves the classifier as a folder that `loadClassifier` reads; `training` says how it came about, for people. */
  async save(folder: string, training: Readonly<Record<string, unknown>> = {}, parameters = this.parameters): Promise<void> {
    const { network, threshold, seed } = this;
    await saveModel(folder, { network, data: this.#data, parameters, threshold, scale: this.#scale, training: { seed, ...training } });
  }

  /** The layers from image to prediction: shapes of one image's values, parameters, and whether they train now. */
  summary(): readonly LayerSummary[] {
    return summarize(this.network.stages, [1, 3, this.#data.size, this.#data.size], (group) => this.#trains(group));
  }

  /** Frees sessions and activations in memory; the learner can still be used, and makes them again. */
  async dispose(): Promise<void> {
    await this.#path.release();
  }

  async #find(options: Finder2Options & { steps: number }, measure: FinderLoopOptions["measure"]): Promise<Found> {
    const { startLr = 1e-5, endLr = 10, bs = this.#data.bs, ratios = 1, linear = false, wds = 0, steps, stopDv } = options;
    const work = this.#work(options);
    const { groups } = this.network;
    const frozen = await this.#path.frozen(this.#firstTrained, this.parameters);
    const trainer = this.#trainer(frozen, this.#optimizer, false);
    try {
      return await findLearningRate({
        ...work,
        trainer,
        batches: this.#rounds(frozen, bs, Math.ceil(steps / stepsPerEpoch(this.#data, bs)), work),
        steps,
        targets: (indices) => this.#targets(indices),
        rate: linear ? linearTo(endLr, steps) : exponential(startLr, endLr, steps),
        ratios: perGroup(ratios, groups, "ratios"),
        weightDecays: perGroup(wds, groups, "weight decays"),
        momentum: this.#optimizer.momentum,
        measure,
        stopDv,
      });
    } finally {
      await trainer.release();
    }
  }

  async #run(options: FitOptions, stretches: readonly Stretch[]): Promise<readonly EpochResult[]> {
    const { best = false, useSwa = false, swaStart, accumulate = 1 } = options;
    const work = this.#work(options);
    const { groups } = this.network;
    const { planned, epochs } = planStretches(stretches, { ...options, ...work }, { groups, optimizer: this.#optimizer, data: this.#data });
    if (this.precompute) warnOfIdleAugmentation(this.#data, work);
    const { sched, callback } = recorder();
    const averaged = useSwa ? swa({ ...(swaStart !== undefined && { start: swaStart }) }) : undefined;
    const result = await fitEpochs({
      ...work,
      legs: planned.map(({ optimizer, data, bs, stepsPerEpoch, plan }) => async (parameters) => {
        if (parameters) this.parameters = parameters;
        if (data) await this.#useData(data);
        const frozen = await this.#path.frozen(this.#firstTrained, this.parameters);
        return {
          ...plan,
          trainer: this.#trainer(frozen, optimizer, accumulate > 1),
          batches: (epoch) => this.#epochBatches(frozen, this.#epochs + epoch, bs, work),
          stepsPerEpoch,
          images: this.#data.train.length,
          targets: (indices) => this.#targets(indices),
          validate: async (values) => this.#task.measure(this.#data.valid, await this.#validLogits(frozen, values, work)),
        };
      }),
      epochs,
      accumulate,
      key: [this.#epochs],
      callbacks: [
        callback,
        ...(averaged ? [averaged] : []),
        ...callbacksOf(options, (folder, parameters) => this.save(folder, {}, parameters)),
      ],
      task: "Training",
    });
    this.parameters = best ? result.best : result.last;
    this.#epochs += result.epochs.length;
    this.sched = sched;
    if (averaged?.parameters) this.swa = await this.#counted(averaged.parameters, planned.at(-1)?.bs as number, work);
    return result.epochs;
  }

  /** `parameters` with batch norm's statistics counted anew on the training images. */
  async #counted(parameters: Parameters, bs: number, work: WorkOptions): Promise<Parameters> {
    const frozen = await this.#path.frozen(this.#firstTrained, this.parameters);
    return refreshStatistics({
      stages: this.#trainedStages,
      parameters,
      counts: (group) => this.#trains(group) && !this.bnFreeze,
      prepare: this.#prepare(frozen),
      batches: this.#epochBatches(frozen, "swa", bs, work),
      session: this.#session,
      signal: work.signal,
    });
  }

  get #trainedStages() {
    return cutNetwork(this.network, (group) => this.#trains(group)).trained;
  }

  #trains(group: number): boolean {
    return group >= this.#firstTrained && group <= this.#lastTrained;
  }

  get #task(): Task {
    return taskOf(this.#data, this.threshold, this.#scale, this.#options);
  }

  get #predicted(): Predicted {
    const { valid, c, kind } = this.#data;
    return { items: valid, outputs: c, kind, task: this.#task };
  }

  #targets(indices: readonly number[]) {
    return this.#task.targets(indices.map((index) => this.#data.train[index]!));
  }

  #newPath(): DataPath {
    const { path } = this.#data;
    const cache = this.#options.cache ?? cacheBeside(path);
    const { precision = "fp32", onPrecision } = this.#options;
    const { network, seed } = this;
    return new DataPath({ network, data: this.#data, seed, session: this.#session, cache, precision, onPrecision });
  }

  #prepare(frozen: FrozenPart) {
    const normalization = this.#data.tfms;
    return frozen.type === "uint8" ? (graph: GraphBuilder, pixels: Value) => normalizePixels(graph, pixels, normalization) : undefined;
  }

  #trainer(frozen: FrozenPart, optimizer: Optimizer, accumulate: boolean): Trainer {
    return new Trainer({
      stages: this.#trainedStages,
      prepare: this.#prepare(frozen),
      inputType: frozen.type,
      itemShape: frozen.itemShape,
      classes: this.#data.c,
      objective: this.#task.objective,
      parameters: this.parameters,
      trainable: (group) => this.#trains(group),
      bnFreeze: this.bnFreeze,
      optimizer,
      accumulate,
      clip: this.#options.clip,
      session: this.#session,
      seed: this.seed,
    });
  }

  async *#epochBatches(frozen: FrozenPart, epoch: number | string, bs: number, work: WorkOptions): AsyncGenerator<InputBatch> {
    const order = this.#data.trainOrder(this.seed, epoch, this.#options.sampling);
    // The finder's rounds draw augmentations of their own, so that it takes nothing from the epochs that follow.
    const draw = typeof epoch === "number" ? epoch : -1;
    yield* await this.#path.trainBatches(frozen, order, draw, this.precompute, bs, work);
  }

  async *#rounds(frozen: FrozenPart, bs: number, rounds: number, work: WorkOptions): AsyncGenerator<InputBatch> {
    for (let round = 0; round < rounds; round++) yield* this.#epochBatches(frozen, `finder ${round}`, bs, work);
  }

  #validLogits(frozen: FrozenPart, parameters: Parameters, work: WorkOptions): Promise<Float32Array> {
    return this.#path.validLogits(frozen, this.#trainedStages, parameters, this.precompute, work);
  }

  #work({ onProgress, onWarning, signal }: WorkOptions): WorkOptions {
    const own = this.#options;
    return { onProgress: onProgress ?? own.onProgress, onWarning: onWarning ?? own.onWarning, signal: signal ?? own.signal };
  }
}
