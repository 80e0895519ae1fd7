// The learner: a pretrained network with a new head, the data, and what training does to them. The names are fastai's.

import { basename, dirname, join } from "node:path";
import { writeModel } from "../classifier/format.ts";
import { normalizePixels } from "../classifier/preprocess.ts";
import { type Scale, scaleOf } from "../classifier/targets.ts";
import { expected, UsageError } from "../core/errors.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { ImageClassifierData } from "../data/image-data.ts";
import { batchesOf } from "../data/loader.ts";
import type { Architecture, Parameters } from "../nn/scope.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import { type InputBatch, shuffledOrder } from "./batches.ts";
import { DataPath } from "./data-path.ts";
import { type Found, findLearningRate } from "./finder.ts";
import { type EpochResult, fitEpochs } from "./fit.ts";
import type { FrozenPart } from "./frozen-part.ts";
import { cutNetwork, type Network, networkOf } from "./network.ts";
import { type Optimizer, sgd } from "./optimizer.ts";
import type { Precision, PrecisionChoice } from "./precision.ts";
import { averageViews, type Predicted, type Predictions, predictionsOf, type TtaPredictions } from "./predictions.ts";
import { startingFromMean, startParameters } from "./pretrained.ts";
import { constant, cosineRestarts, cycleLengths } from "./schedule.ts";
import { classTask, labelsTask, numbersTask, type RegressionLoss, type Task, type Validation } from "./task.ts";
import { Trainer } from "./trainer.ts";

export interface LearnerOptions extends WorkOptions, SessionOptions {
  /** Path of the safetensors file with the body's pretrained weights; default those that ship with thaw, where the architecture has some. */
  weights?: string | undefined;
  /** Trains on activations computed once instead of on images; default false. */
  precompute?: boolean;
  /** Dropout of the head: one number, or one per block; default 0.25 for each hidden layer and 0.5 before the last. */
  ps?: number | readonly number[];
  /** Widths of the head's hidden layers; default [512]. */
  xtraFc?: readonly number[];
  /** Default: SGD with momentum 0.9. */
  optimizer?: Optimizer;
  /** The largest global norm of the gradient; default none. */
  clip?: number;
  /** Seed of the head's start, the order of images, augmentation and dropout; default the data's. */
  seed?: number;
  /** Folder for activations; default ".thaw" beside the data's folder. */
  cache?: string;
  /**
   * Precision of the frozen part when it feeds training; default "fp32". Validation, predictions and the saved model are in full precision
   * always, so that what is measured is what is saved.
   */
  precision?: Precision;
  /** Told what was decided, each time a frozen part is chosen that "int8" or "auto" apply to. */
  onPrecision?: (choice: PrecisionChoice) => void;
  /** What a regression makes small: squared errors, or fastai 0.7's absolute ones, which outliers pull less; default "mse". */
  crit?: RegressionLoss;
}

export interface FitOptions extends WorkOptions {
  /** Epochs of the first cycle of cosine annealing; left out, the rate is constant. */
  cycleLen?: number;
  cycleMult?: number;
  /** Weight decay, one for all layer groups or one for each; default 0. */
  wds?: number | readonly number[];
  /** Images in a batch; default the data's. */
  bs?: number;
  /** Ends with the weights of the best epoch (accuracy, then validation loss) instead of the last one's; default false. */
  best?: boolean;
  onEpoch?: (result: EpochResult) => void;
  /** Asked at the end of each cycle; true ends the fit. */
  stopAfterCycle?: (results: readonly EpochResult[]) => boolean;
}

export interface FinderOptions extends WorkOptions {
  /** Default 1e-5. */
  startLr?: number;
  /** Default 10. */
  endLr?: number;
  /** Default one epoch's steps, at least 100, going round small sets. */
  steps?: number;
  /** Images in a batch; default the data's. */
  bs?: number;
  /** Rates of the layer groups in relation to the last one's; default all equal. */
  ratios?: readonly number[];
}

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
  readonly #options: LearnerOptions;
  readonly #optimizer: Optimizer;
  #data: ImageClassifierData;
  #path: DataPath;
  /** How numbers are scaled for training: by the data that the learner was made for. */
  readonly #scale: Scale;
  #firstTrained: number;
  /** Epochs so far: each has an order and an augmentation of its own. */
  #epochs = 0;

  private constructor(network: Network, data: ImageClassifierData, parameters: Parameters, options: LearnerOptions) {
    this.network = network;
    this.parameters = parameters;
    this.seed = options.seed ?? data.seed;
    this.precompute = options.precompute ?? false;
    this.#options = options;
    this.#optimizer = options.optimizer ?? sgd();
    this.#data = data;
    this.#scale = scaleOf(data.train.map((item) => item.values ?? []));
    this.#path = this.#newPath();
    this.#firstTrained = network.groups - 1;
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
    return Array.from({ length: this.network.groups - this.#firstTrained }, (_, i) => this.#firstTrained + i);
  }

  /** Goes on with other data of the same classes, such as the same images at another size; freezes the body. */
  async setData(data: ImageClassifierData): Promise<void> {
    if (data.classes.join("\n") !== this.#data.classes.join("\n")) {
      throw new UsageError("The new data has other classes than the learner", `Give data of the classes ${this.#data.classes.join(", ")}.`);
    }
    if (data.kind !== this.#data.kind) throw expected(`targets of the kind "${this.#data.kind}"`, "the new data", data.kind);
    await this.#path.release();
    this.#data = data;
    this.#path = this.#newPath();
    this.freeze();
  }

  /** Only the head trains. */
  freeze(): void {
    this.freezeTo(-1);
  }

  /** Layer groups from `group` on train, those before it are frozen; negative numbers count from the end. */
  freezeTo(group: number): void {
    const { groups } = this.network;
    const first = group < 0 ? group + groups : group;
    if (!Number.isInteger(first) || first < 0 || first >= groups)
      throw expected(`a whole number from ${-groups} to ${groups - 1}`, "freezeTo", group);
    this.#firstTrained = first;
  }

  /** All layers train; switches precompute off. */
  unfreeze(): void {
    this.freezeTo(0);
    this.precompute = false;
  }

  /**
   * Trains for `cycles` cycles: of one epoch at a constant rate, or of `cycleLen`·`cycleMult`^k epochs of cosine annealing with warm restarts.
   * `lrs` is one rate for all layer groups or one for each, the earliest layers' first. The optimiser starts afresh.
   */
  async fit(lrs: number | readonly number[], cycles: number, options: FitOptions = {}): Promise<readonly EpochResult[]> {
    const { cycleLen, cycleMult, wds = 0, bs = this.#data.bs, best = false, onEpoch, stopAfterCycle } = options;
    const lengths = cycleLengths(cycles, { cycleLen, cycleMult });
    const groupLrs = this.#perGroup(lrs, "learning rates");
    const weightDecays = this.#perGroup(wds, "weight decays");
    const work = this.#work(options);
    this.#warnOfIdleAugmentation(work);
    const steps = this.#stepsPerEpoch(bs);
    const frozen = await this.#path.frozen(this.#firstTrained, this.parameters);
    const trainer = this.#trainer(frozen);
    try {
      const result = await fitEpochs({
        ...work,
        trainer,
        batches: (epoch) => this.#epochBatches(frozen, this.#epochs + epoch, bs, work),
        images: this.#data.train.length,
        targets: (indices) => this.#targets(indices),
        cycles: lengths,
        schedule: cycleLen === undefined ? constant : cosineRestarts(lengths.map((length) => length * steps)),
        lrs: groupLrs,
        weightDecays,
        momentum: this.#optimizer.momentum,
        key: [this.#epochs],
        validate: (parameters) => this.#validate(frozen, parameters, work),
        onEpoch,
        stopAfterCycle,
        task: "Training",
      });
      this.parameters = best ? result.best : result.last;
      this.#epochs += result.epochs.length;
      return result.epochs;
    } finally {
      await trainer.release();
    }
  }

  /** Finds a learning rate for the layers that train now. Leaves no trace: a fit afterwards is the same as without it. */
  async lrFind(options: FinderOptions = {}): Promise<Found> {
    const { startLr = 1e-5, endLr = 10, bs = this.#data.bs, ratios = 1 } = options;
    const { steps = Math.max(100, this.#stepsPerEpoch(bs)) } = options;
    const work = this.#work(options);
    const frozen = await this.#path.frozen(this.#firstTrained, this.parameters);
    const trainer = this.#trainer(frozen);
    try {
      return await findLearningRate({
        ...work,
        trainer,
        batches: this.#rounds(frozen, bs, Math.ceil(steps / this.#stepsPerEpoch(bs)), work),
        steps,
        targets: (indices) => this.#targets(indices),
        startLr,
        endLr,
        ratios: this.#perGroup(ratios, "ratios"),
        momentum: this.#optimizer.momentum,
      });
    } finally {
      await trainer.release();
    }
  }

  /** Predictions for the validation images, with the validation transform. */
  async predict(options: WorkOptions = {}): Promise<Predictions> {
    const work = this.#work(options);
    const frozen = await this.#path.frozen(this.#firstTrained, this.parameters);
    return predictionsOf(this.#predicted, await this.#validLogits(frozen, this.parameters, work));
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
  async save(folder: string, training: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { architecture, head } = this.network;
    const { classes, kind } = this.#data;
    const { size, mean, std, valid } = this.#data.tfms;
    const crop = valid.crop === "none" ? "none" : "center";
    const preprocessing = { size, crop, pad: valid.pad, interpolation: "bilinear", antialias: true, mean, std } as const;
    await writeModel(
      folder,
      {
        architecture: architecture.name,
        head,
        classes,
        ...(kind === "multi" && { target: { kind, threshold: this.threshold } }),
        ...(kind === "continuous" && { target: { kind, ...this.#scale } }),
        preprocessing,
        training: { seed: this.seed, ...training },
      },
      this.parameters,
    );
  }

  /** Frees sessions and activations in memory; the learner can still be used, and makes them again. */
  async dispose(): Promise<void> {
    await this.#path.release();
  }

  get #trainedStages() {
    return cutNetwork(this.network, (group) => group >= this.#firstTrained).trained;
  }

  get #task(): Task {
    const { kind, classes } = this.#data;
    if (kind === "single") return classTask(classes.length);
    if (kind === "multi") return labelsTask(classes.length, this.threshold);
    return numbersTask(classes, this.#scale, this.#options.crit ?? "mse");
  }

  get #predicted(): Predicted {
    const { valid, c, kind } = this.#data;
    return { items: valid, outputs: c, kind, task: this.#task };
  }

  #targets(indices: readonly number[]) {
    return this.#task.targets(indices.map((index) => this.#data.train[index]!));
  }

  get #session(): SessionOptions {
    const { device, threads } = this.#options;
    return { ...(device && { device }), ...(threads && { threads }) };
  }

  #newPath(): DataPath {
    const { path } = this.#data;
    const cache = this.#options.cache ?? join(dirname(path), ".thaw", basename(path));
    const { precision = "fp32", onPrecision } = this.#options;
    const { network, seed } = this;
    return new DataPath({ network, data: this.#data, seed, session: this.#session, cache, precision, onPrecision });
  }

  #trainer(frozen: FrozenPart): Trainer {
    const normalization = this.#data.tfms;
    return new Trainer({
      stages: this.#trainedStages,
      prepare: frozen.type === "uint8" ? (graph, pixels) => normalizePixels(graph, pixels, normalization) : undefined,
      inputType: frozen.type,
      itemShape: frozen.itemShape,
      classes: this.#data.c,
      objective: this.#task.objective,
      parameters: this.parameters,
      trainable: (group) => group >= this.#firstTrained,
      bnFreeze: this.bnFreeze,
      optimizer: this.#optimizer,
      clip: this.#options.clip,
      session: this.#session,
      seed: this.seed,
    });
  }

  async *#epochBatches(frozen: FrozenPart, epoch: number | string, bs: number, work: WorkOptions): AsyncGenerator<InputBatch> {
    const order = shuffledOrder(this.#data.train.length, this.seed, epoch);
    // The finder's rounds draw augmentations of their own, so that it takes nothing from the epochs that follow.
    const draw = typeof epoch === "number" ? epoch : -1;
    yield* await this.#path.trainBatches(frozen, order, draw, this.precompute, bs, work);
  }

  async *#rounds(frozen: FrozenPart, bs: number, rounds: number, work: WorkOptions): AsyncGenerator<InputBatch> {
    for (let round = 0; round < rounds; round++) yield* this.#epochBatches(frozen, `finder ${round}`, bs, work);
  }

  async #validate(frozen: FrozenPart, parameters: Parameters, work: WorkOptions): Promise<Validation> {
    const logits = await this.#validLogits(frozen, parameters, work);
    return this.#task.measure(this.#data.valid, logits);
  }

  #validLogits(frozen: FrozenPart, parameters: Parameters, work: WorkOptions): Promise<Float32Array> {
    return this.#path.validLogits(frozen, this.#trainedStages, parameters, this.precompute, work);
  }

  #stepsPerEpoch(bs: number): number {
    return batchesOf([...this.#data.train.keys()], bs, { training: true }).length;
  }

  #perGroup(value: number | readonly number[], name: string): readonly number[] {
    const { groups } = this.network;
    const values = typeof value === "number" ? [value] : value;
    if (values.length === 1) return Array<number>(groups).fill(values[0] as number);
    if (values.length !== groups)
      throw expected(
        `1 or ${groups}`,
        `the number of ${name}`,
        values.length,
        "Give one for each layer group, the earliest layers' first, or one for all.",
      );
    return values;
  }

  #work({ onProgress, onWarning, signal }: WorkOptions): WorkOptions {
    const own = this.#options;
    return { onProgress: onProgress ?? own.onProgress, onWarning: onWarning ?? own.onWarning, signal: signal ?? own.signal };
  }

  #warnOfIdleAugmentation({ onWarning }: WorkOptions): void {
    if (!this.precompute || this.#data.tfms.train.augment.length === 0) return;
    onWarning?.({
      message: "Augmentation is inactive while precompute is on: training uses cached activations",
      hint: "Set precompute = false to train with augmentation.",
    });
  }
}
