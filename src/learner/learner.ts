// The learner: a pretrained network with a new head, the data, and what training does to them. The names are fastai's.

import type { Calibration } from "../classifier/format.ts";
import type { ModelSource } from "../classifier/read-model.ts";
import { expected } from "../core/errors.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { Store, StoredFile } from "../core/store/store.ts";
import type { Tensor } from "../core/tensor.ts";
import type { ImageClassifierData } from "../data/image-data.ts";
import type { Architecture, Parameters } from "../nn/scope.ts";
import { stopOnDivergence } from "./callbacks/monitor.ts";
import type { Sched } from "./callbacks/recorder.ts";
import { resolveDevice } from "./device/resolve-device.ts";
import { withFreshStatistics } from "./fit/averaging.ts";
import { runFit } from "./fit/fit.ts";
import type { FineTuneOptions, FitFlatCosOptions, FitOneCycleOptions, FitOptions, TrainingOptions } from "./fit/options.ts";
import { cyclicalSegment, phaseSegments, policySegment, type SegmentRequest } from "./fit/plan.ts";
import { headOf } from "./head-options.ts";
import type { LearnerOptions, LoadOptions } from "./learner-options.ts";
import type { EpochResult, SwaResult } from "./loop/epoch-result.ts";
import { findRate, findRateOnValidation } from "./lr-find/find.ts";
import type { LrFinderResult } from "./lr-find/finder.ts";
import type { Finder2Options, FinderOptions } from "./lr-find/options.ts";
import { openSaved } from "./models/load.ts";
import { type OnnxLearnerOptions, readOnnxFor } from "./models/onnx.ts";
import { startingFromMean, startParameters } from "./models/pretrained.ts";
import { checkSavable, saveLearner } from "./models/save-learner.ts";
import { groupAt, type Network, networkOf } from "./network.ts";
import { type PredictOptions, predictMembers, predictNormalized, predictPlain, predictViews, type TtaOptions } from "./predict/predict.ts";
import type { EnsemblePredictions, PlainPredictions, TtaPredictions } from "./predict/predictions.ts";
import { type Calibrated, type CalibrateOptions, calibrate } from "./predict/temperature.ts";
import { type LinearProbe, type LinearProbeOptions, linearProbe } from "./probe/linear-probe.ts";
import { type GroupValues, slice } from "./schedules/group-values.ts";
import { flatCosine, oneCycle } from "./schedules/one-cycle.ts";
import type { TrainingPhase } from "./schedules/phases.ts";
import { linearRise } from "./schedules/schedule.ts";
import { LearnerState, type Start } from "./state/learner-state.ts";
import { type LayerSummary, summarize, summaryText } from "./summary.ts";

export type { FitOptions } from "./fit/options.ts";
export type { LearnerOptions, LoadOptions } from "./learner-options.ts";
export type { FinderOptions } from "./lr-find/options.ts";

export class ConvLearner {
  readonly #state: LearnerState;

  private constructor(state: LearnerState) {
    this.#state = state;
  }

  /** A learner for `data` on the pretrained body of `architecture`, which starts frozen; downloads missing weights. Throws a UsageError for weights that do not fit. */
  static async pretrained(architecture: Architecture, data: ImageClassifierData, options: LearnerOptions = {}): Promise<ConvLearner> {
    checkChannels(options.nIn, data);
    const network = networkOf(architecture, headOf(options), data.c, data.channels);
    const parameters = await startParameters(network, { ...options, statistics: data.tfms, seed: options.seed ?? data.seed });
    const start = { network, parameters: data.isReg ? startingFromMean(network, parameters) : parameters };
    return ConvLearner.#on(start, data, options);
  }

  /**
   * A learner that continues from the saved model `source` with `data`: at any size, with its classes in any order, and with new
   * ones, whose rows of the last layer are drawn at random. It starts frozen. Throws a UsageError if the data lacks classes of the model,
   * unless `dropClasses` is set, and for data of another kind or normalisation.
   */
  static async load(source: ModelSource, data: ImageClassifierData, options: LoadOptions = {}): Promise<ConvLearner> {
    const { dropClasses, seed = data.seed } = options;
    return ConvLearner.#on(await openSaved(source, data, { dropClasses, seed }), data, options);
  }

  /**
   * A learner for `data` on the body of the classifier in the ONNX file `file`, which starts frozen; its images are normalised as the data's.
   * Throws a UsageError that names what cannot be used in the file, and the remedy.
   */
  static async fromOnnx(file: string, data: ImageClassifierData, options: OnnxLearnerOptions = {}): Promise<ConvLearner> {
    return ConvLearner.pretrained(await readOnnxFor(file, data, options), data, options);
  }

  /** The learner that begins with `start`, on the device that the options ask for. */
  static async #on(start: Start, data: ImageClassifierData, options: LearnerOptions): Promise<ConvLearner> {
    const { network, parameters } = start;
    const { size, tfms: normalization } = data;
    const device = await resolveDevice(options, { network, parameters, size, normalization, threads: options.threads });
    return new ConvLearner(new LearnerState(start, data, { ...options, device }));
  }

  get network(): Network {
    return this.#state.network;
  }

  get data(): ImageClassifierData {
    return this.#state.data;
  }

  get seed(): number {
    return this.#state.seed;
  }

  /** All parameters by name, as they are now. Set them to return to parameters from before. */
  get parameters(): Parameters {
    return this.#state.weights.parameters;
  }

  set parameters(parameters: Parameters) {
    this.#state.weights.parameters = parameters;
  }

  /** Trains on cached activations. Takes effect, and computes what is missing, at the next use. */
  get precompute(): boolean {
    return this.#state.cut.precompute;
  }

  set precompute(on: boolean) {
    this.#state.cut.precompute = on;
  }

  /** Augmented views of each image that precompute caches and training takes in turn; 0 for the plain image alone. */
  get precomputeViews(): number {
    return this.#state.cut.precomputeViews;
  }

  set precomputeViews(views: number) {
    this.#state.cut.precomputeViews = views;
  }

  /** Keeps the running statistics of batch norm while its layers train. */
  get bnFreeze(): boolean {
    return this.#state.cut.bnFreeze;
  }

  set bnFreeze(on: boolean) {
    this.#state.cut.bnFreeze = on;
  }

  /** The probability, in (0, 1), from which on a label is predicted if images may have several; saved with the model. Default 0.5. */
  get threshold(): number {
    return this.#state.weights.threshold;
  }

  set threshold(threshold: number) {
    this.#state.weights.threshold = threshold;
  }

  /** Losses, rates and momenta of the last fit, and their charts; undefined before the first. */
  get sched(): Sched | undefined {
    return this.#state.history.sched;
  }

  /** The averaged weights of the last fit with `useSwa`: assign them to `parameters` to continue with them. */
  get swa(): Parameters | undefined {
    return this.#state.history.average?.parameters;
  }

  /** The validation of those weights, every `swaEvalFreq` epochs. */
  get swaResults(): readonly SwaResult[] {
    return this.#state.history.average?.results ?? [];
  }

  /**
   * `parameters` with batch norm's running statistics updated on the training images, for the layer groups that train now. Averaged weights
   * (`ema`) need this.
   */
  async refreshStatistics(parameters: Parameters, options: WorkOptions = {}): Promise<Parameters> {
    return withFreshStatistics(this.#state, parameters, this.data.bs, this.#state.work(options));
  }

  /** The layer groups that train now. */
  get trained(): readonly number[] {
    return this.#state.cut.trained;
  }

  /** Switches to other data of the same classes, such as the same images at another size; freezes the body. */
  async setData(data: ImageClassifierData): Promise<void> {
    await this.#state.useData(data);
    this.freeze();
  }

  /** Only the head trains. */
  freeze(): void {
    this.freezeTo(-1);
  }

  /** Layer groups from `group` on train, those before it are frozen; negative numbers count from the end. */
  freezeTo(group: number): void {
    const first = groupAt(this.network, group, "freezeTo");
    this.#state.cut.train(this.#groups.filter((other) => other >= first));
  }

  /** Layer group `group` alone trains; negative numbers count from the end. */
  freezeAllBut(group: number): void {
    this.#state.cut.train([groupAt(this.network, group, "freezeAllBut")]);
  }

  /** Layer groups `groups` are frozen too; the others stay as they are. Throws a UsageError if none would train. */
  freezeGroups(groups: readonly number[]): void {
    const frozen = new Set(groups.map((group) => groupAt(this.network, group, "freezeGroups")));
    const left = this.trained.filter((group) => !frozen.has(group));
    if (left.length === 0) throw expected("to leave a layer group that trains", "freezeGroups", [...groups]);
    this.#state.cut.train(left);
  }

  /** Layer groups `groups` train too; the others stay as they are. */
  unfreezeGroups(groups: readonly number[]): void {
    this.#state.cut.train([...this.trained, ...groups.map((group) => groupAt(this.network, group, "unfreezeGroups"))]);
  }

  /** All layers train, except those of an ONNX file that can only be frozen; switches precompute off. */
  unfreeze(): void {
    this.freezeTo(this.network.architecture.untrainable?.from ?? 0);
    this.precompute = false;
  }

  /**
   * Trains for `cycles` cycles: of one epoch at a constant rate, or of `cycleLen`·`cycleMult`^k epochs of cosine annealing with warm restarts
   * (or of another shape: `useClr`, `useClrBeta`). `lrs` is one rate for all layer groups, one for each, the earliest layers' first, or a
   * slice. The optimiser starts afresh.
   */
  async fit(lrs: GroupValues, cycles: number, options: FitOptions = {}): Promise<readonly EpochResult[]> {
    const state = this.#state;
    return this.#fit(options, [cyclicalSegment(lrs, cycles, { ...options, ...state.work(options) }, state.optimizer)]);
  }

  /** Trains for `epochs` epochs along one cycle that rises to `lrMax` and falls to nearly nothing, the momentum against it (fastai 2). */
  async fitOneCycle(epochs: number, lrMax: GroupValues, options: FitOneCycleOptions = {}): Promise<readonly EpochResult[]> {
    return this.#fit(options, [policySegment(epochs, lrMax, options, (steps) => oneCycle(steps, options))]);
  }

  /**
   * Trains the head for `freezeEpochs` epochs with the body frozen, then all layers for `epochs`, each along one cycle (fastai 2's fine_tune;
   * there, though, batch norm of the frozen body trains too). Ends unfrozen. With `checkpoint` the epochs with the body frozen have their own file,
   * "<checkpoint>.frozen".
   */
  async fineTune(epochs: number, options: FineTuneOptions = {}): Promise<readonly EpochResult[]> {
    const { baseLr = 2e-3, freezeEpochs = 1, lrMult = 100, pctStart = 0.3, div = 5, ...rest } = options;
    const kept = rest.checkpoint === undefined ? {} : { checkpoint: frozenFile(rest.checkpoint) };
    this.freeze();
    const head = freezeEpochs > 0 ? await this.fitOneCycle(freezeEpochs, slice(baseLr), { ...rest, ...kept, pctStart: 0.99 }) : [];
    this.unfreeze();
    const lrs = slice(baseLr / 2 / lrMult, baseLr / 2);
    return [...head, ...(await this.fitOneCycle(epochs, lrs, { ...rest, pctStart, div }))];
  }

  /**
   * Trains for one epoch at a rate that rises from 0 in equal steps towards `lr`, as a gentle start for a network that has learnt nothing yet
   * (fastai 0.7's warm_up); ends early if the loss explodes.
   */
  async warmUp(lr: GroupValues, options: TrainingOptions & Pick<FitOptions, "wds"> = {}): Promise<readonly EpochResult[]> {
    const callbacks = [...(options.callbacks ?? []), stopOnDivergence()];
    return this.#fit({ ...options, callbacks }, [policySegment(1, lr, options, (steps) => ({ lr: linearRise(1, steps) }))]);
  }

  /** Trains for `epochs` epochs at the rate `lr`, which falls along a cosine at the end (fastai 2). */
  async fitFlatCos(epochs: number, lr: GroupValues, options: FitFlatCosOptions = {}): Promise<readonly EpochResult[]> {
    return this.#fit(options, [policySegment(epochs, lr, options, (steps) => flatCosine(steps, options))]);
  }

  /**
   * Trains through consecutive phases, each with its own length, rates, momentum, decays, optimiser and data. The learner keeps the
   * last phase's data.
   */
  async fitPhases(phases: readonly TrainingPhase<ImageClassifierData>[], options: TrainingOptions = {}): Promise<readonly EpochResult[]> {
    return this.#fit(options, phaseSegments(phases));
  }

  /**
   * Fits a linear model of the body's features by L-BFGS, with the strength of the L2 chosen by cross-validation, and measures it on the
   * validation images: a first answer, in less than a second if the activations of a few thousand images are cached. With `start` the
   * head becomes this model, and is trained from there. The same learner and data give the same model.
   */
  async linearProbe(options: LinearProbeOptions = {}): Promise<LinearProbe> {
    return linearProbe(this.#state, options);
  }

  /** Finds a learning rate for the layers that train now. Leaves no trace: a fit afterwards is the same as without it. */
  async lrFind(options: FinderOptions = {}): Promise<LrFinderResult> {
    return findRate(this.#state, options);
  }

  /** As `lrFind`, in a fixed number of steps (default 100), with the loss and the metrics of the next validation batch after each. */
  async lrFind2(options: Finder2Options = {}): Promise<LrFinderResult> {
    return findRateOnValidation(this.#state, options);
  }

  /**
   * Predictions with the validation transform for the validation images, or for what `of` names: a part of the data, a folder, an image or an
   * array. Without labels, loss and accuracy are NaN.
   */
  async predict(options: PredictOptions = {}): Promise<PlainPredictions> {
    return predictPlain(this.#state, options);
  }

  /** Predictions for images as the network takes them, normalised: [n, channels, size, size]. Throws a UsageError for another shape. */
  async predictArray(images: Tensor<"float32">): Promise<PlainPredictions> {
    return predictNormalized(this.#state, images);
  }

  /**
   * The mean of the predictions of several sets of parameters, such as the snapshots of a fit's cycles (Huang et al. 2017); with `views`, each
   * predicts by test-time augmentation.
   */
  async predictEnsemble(members: readonly Parameters[], options: PredictOptions & { views?: number } = {}): Promise<EnsemblePredictions> {
    return predictMembers(this.#state, members, options);
  }

  /**
   * Test-time augmentation: the mean of the plain prediction and of `views` predictions with the training transform, in the proportion `weight`
   * (default fastai's). It computes images with `precompute` too, except the first `precomputeViews` views of a part of the data, which are
   * cached. Throws a UsageError for a weight out of range, and for one that is to be fitted to images without labels.
   */
  async tta(views = 4, options: TtaOptions = {}): Promise<TtaPredictions> {
    return predictViews(this.#state, views, options);
  }

  /**
   * Fits a temperature on the validation images, so that probabilities agree with how often they are right (Guo et al. 2017), with `keep` a
   * threshold for "none of these", and with `known` a distance from the classes for it. Predictions use the temperature, and `save` writes all of them into the model; training, other data and other parameters
   * reset them.
   */
  async calibrate(options: CalibrateOptions = {}): Promise<Calibrated> {
    return calibrate(this.#state, options);
  }

  /** What `calibrate` fitted; undefined if it was not called, or if the learner was trained since. */
  get calibration(): Calibration | undefined {
    return this.#state.weights.calibration;
  }

  /**
   * Saves the classifier into a folder or a store, which `loadClassifier` reads and `ConvLearner.load` continues from; `training` is stored in it
   * for the reader, beside the seed and the epochs.
   */
  async save(place: string | Store, training: Readonly<Record<string, unknown>> = {}, parameters = this.parameters): Promise<void> {
    await saveLearner(this.#state, place, training, parameters);
  }

  /** Throws the UsageError with which `save` would refuse this learner; `fit` does so before it trains. */
  checkSavable(): void {
    checkSavable(this.#state);
  }

  /** The layers from image to prediction: shapes of one image's values, parameters, and whether they train now. */
  summary(): readonly LayerSummary[] {
    const { data, network } = this;
    return summarize(network.stages, [1, data.channels, data.size, data.size], (group) => this.#state.cut.trains(group));
  }

  /** The layers as a table of text, which `console.log(learner)` prints too. */
  toString(): string {
    return summaryText(this.summary());
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** Frees sessions and activations in memory; the learner can still be used, and opens them again. */
  async dispose(): Promise<void> {
    await this.#state.path.release();
  }

  #fit(options: FitOptions, requests: readonly SegmentRequest[]): Promise<readonly EpochResult[]> {
    return runFit(this.#state, options, requests);
  }

  get #groups(): readonly number[] {
    return Array.from({ length: this.network.groups }, (_, group) => group);
  }
}

/** Where the epochs with a frozen body of a fit that is kept in `file` are kept. */
function frozenFile(file: string | StoredFile): string | StoredFile {
  return typeof file === "string" ? `${file}.frozen` : { ...file, key: `${file.key}.frozen` };
}

function checkChannels(nIn: number | undefined, { channels }: ImageClassifierData): void {
  if (nIn !== undefined && nIn !== channels)
    throw expected(
      `${channels}, the channels of the data,`,
      "nIn",
      nIn,
      "Make the data's transforms with tfmsFromModel(…, { channels: 1 }), or with tfmsFromStats and a mean and deviation for each channel.",
    );
}
