// The way of the data through a network that is cut at the freeze point: which batches training and evaluation get, from images or from
// cached activations. Keeps the frozen part's session and the activations open until a weight left of the cut changes.
// Training may go through the frozen part in 8 bit; whatever is measured or predicted goes through it in full precision, as in the saved model.

import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { Store } from "../../core/store/store.ts";
import { hasChance } from "../../data/augment/transforms.ts";
import type { Part } from "../../data/dataset/dataset.ts";
import type { Item } from "../../data/dataset/items.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import { describeParameters, type Parameters, parameterOf, type Stage } from "../../nn/scope.ts";
import type { SessionOptions } from "../../runtime/engine.ts";
import { cutNetwork, type Network } from "../network.ts";
import { activationBatches, type InputBatch, imageBatches } from "./batches.ts";
import { type ActivationRequest, type FreezePoint, openRequested, requestKey } from "./cache/activation-request.ts";
import type { Draw } from "./cache/entry.ts";
import { MemoryBudget } from "./cache/memory-budget.ts";
import type { Activations, Share } from "./cache/open.ts";
import { evaluateBatches } from "./evaluate.ts";
import { type FrozenPart, openFrozenPart, quantizeFrozenPart } from "./frozen-part.ts";
import type { Mixer } from "./mixing.ts";
import { checkPrecision, choosePrecision, type Precision, type PrecisionChoice } from "./precision.ts";

export interface DataPathOptions {
  readonly network: Network;
  readonly data: ImageClassifierData;
  readonly seed: number;
  readonly session: SessionOptions;
  /** For activations and the ranges of 8 bit. */
  readonly cache: Store;
  /** That of the frozen part when it feeds training. */
  readonly precision: Precision;
  /** The share of missing activations that this process computes; default all. */
  readonly share?: Share | undefined;
  readonly onPrecision?: ((choice: PrecisionChoice) => void) | undefined;
}

/** A pass of training. */
export interface TrainPass {
  /** Indices of the training images, in the order to return. */
  readonly order: readonly number[];
  /** The number of the augmentation's draw; negative for one that belongs to no epoch of a fit. */
  readonly epoch: number;
  readonly batchSize: number;
  /** Trains on cached activations: of this many augmented views in turn, or with 0 of the plain images. */
  readonly precompute: { readonly views: number } | undefined;
  /** Mixes each batch within itself. */
  readonly mix?: Mixer | undefined;
}

/** The images that a pass goes through: a part of the data, or images of the user's own, whose activations are not cached. */
export type Subject = Part | readonly Item[];

/** The network as it is cut: the frozen part, and the stages right of it with their parameters. */
export interface CutNetwork {
  readonly frozen: FrozenPart;
  readonly stages: readonly Stage[];
  readonly parameters: Parameters;
}

/** The frozen part that is open, and the activations that were requested of it. */
interface OpenPart {
  readonly stages: readonly Stage[];
  /** The tensors that it was compiled with. */
  readonly weights: readonly unknown[];
  readonly frozen: FrozenPart;
  readonly point: FreezePoint;
  /** By request; undefined for activations that could not be cached and are not needed. */
  readonly activations: Map<string, Activations | undefined>;
}

export class DataPath {
  readonly #options: DataPathOptions;
  #open: OpenPart | undefined;
  /** The frozen part that feeds training, once it is chosen. */
  #training: Promise<FrozenPart> | undefined;

  constructor(options: DataPathOptions) {
    this.#options = options;
    checkPrecision(options.precision, options.session);
  }

  /** Opens the frozen part for layer groups before `firstTrained`, with `parameters`, unless it is open already. */
  async open(firstTrained: number, parameters: Parameters): Promise<FrozenPart> {
    const { network, data, session, cache, share } = this.#options;
    const stages = cutNetwork(network, (group) => group >= firstTrained).frozen;
    const weights =
      stages.length === 0
        ? []
        : describeParameters(stages, [1, data.channels, data.size, data.size]).map(({ name }) => parameterOf(parameters, name));
    const open = this.#open;
    if (open && open.stages.length === stages.length && open.weights.every((weight, i) => weight === weights[i])) return open.frozen;
    await this.release();
    const frozen = openFrozenPart({ stages, parameters, size: data.size, normalization: data.tfms, session });
    const stage = stages.at(-1)?.name ?? "";
    const point = { data, cache, network: network.architecture.name, group: firstTrained, stage, budget: new MemoryBudget(), share };
    this.#open = { stages, weights, frozen, point, activations: new Map() };
    return frozen;
  }

  /** Training batches: cached activations with `precompute`, else augmented images. */
  async trainBatches(
    frozen: FrozenPart,
    { order, epoch, batchSize, precompute, mix }: TrainPass,
    work: WorkOptions,
  ): Promise<AsyncIterable<InputBatch>> {
    const { data, seed } = this.#options;
    const part = await this.#trainingPart(frozen, work);
    if (precompute && part.type === "float32") {
      // Without chance all views are the first.
      const views = hasChance(data.tfms.train) ? precompute.views : Math.min(1, precompute.views);
      const draw = views > 0 ? this.#drawOf("augment", Math.max(0, epoch) % views) : undefined;
      const activations = await this.trainingActivations(frozen, work, draw);
      return activationBatches(activations, order, batchSize, true, work.signal, { mix, epoch });
    }
    const source = { items: data.train, spec: data.tfms.train, frozen: part, batchSize, seed, mix };
    return imageBatches(source, order, epoch, "augment", true, work.signal);
  }

  /** Logits [items, outputs] of the images of `subject`, in order, with the validation transform. */
  async logits(subject: Subject, network: CutNetwork, precompute: boolean, work: WorkOptions): Promise<Float32Array> {
    const batches = await this.batches(subject, network.frozen, precompute, work);
    return this.#evaluate(batches, subject, network, { ...work, task: subject === "valid" ? "Validating" : "Predicting" });
  }

  /**
   * Logits [items, outputs] of the images of `subject`, in order, with the training transform; `view` numbers the draw. With `cached` the
   * activations of a part's view are cached.
   */
  async augmentedLogits(
    subject: Subject,
    network: CutNetwork,
    view: number,
    { cached = false, ...work }: WorkOptions & { task: string; cached?: boolean },
  ): Promise<Float32Array> {
    const { frozen } = network;
    const draw = this.#drawOf("tta", view);
    const batches =
      cached && typeof subject === "string" && frozen.type === "float32"
        ? this.#activationBatches(await this.#activations({ part: subject, frozen, precision: "fp32", draw }, work), work)
        : this.#imageBatches(subject, "tta", view, frozen, work);
    return this.#evaluate(batches, subject, network, work);
  }

  /** Batches of the images of `subject`, in order, with the validation transform. */
  async batches(subject: Subject, frozen: FrozenPart, precompute: boolean, work: WorkOptions): Promise<AsyncIterable<InputBatch>> {
    const cached =
      typeof subject === "string" && frozen.type === "float32"
        ? await this.#plainActivations({ part: subject, frozen, precision: "fp32" }, precompute, work)
        : undefined;
    return cached ? this.#activationBatches(cached, work) : this.#imageBatches(subject, "valid", 0, frozen, work);
  }

  /** The activations of the training images that a head trains on: in the precision of training, with the validation transform or a draw. */
  async trainingActivations(frozen: FrozenPart, work: WorkOptions, draw?: Draw): Promise<Activations> {
    const part = await this.#trainingPart(frozen, work);
    return this.#activations({ part: "train", frozen: part, precision: part === frozen ? "fp32" : "int8", draw }, work);
  }

  /** The activations of `part` with the validation transform, in full precision, at the freeze point that is open. */
  activations(part: Part, work: WorkOptions): Promise<Activations> {
    return this.#activations({ part, frozen: this.#opened.frozen, precision: "fp32" }, work);
  }

  /** Frees the frozen part's session and the activations in memory; those on disk stay. */
  async release(): Promise<void> {
    const [open, training] = [this.#open, this.#training];
    this.#open = undefined;
    this.#training = undefined;
    const part = await training?.catch(() => undefined);
    if (part !== open?.frozen) await part?.release();
    await open?.frozen.release();
  }

  /** `frozen`, or the same in 8 bit: decided once, and again if that failed. */
  async #trainingPart(frozen: FrozenPart, work: WorkOptions): Promise<FrozenPart> {
    this.#training ??= this.#chooseTrainingPart(frozen, work).catch((error: unknown) => {
      this.#training = undefined;
      throw error;
    });
    return this.#training;
  }

  async #chooseTrainingPart(frozen: FrozenPart, work: WorkOptions): Promise<FrozenPart> {
    const { data, seed, session, cache, precision, onPrecision } = this.#options;
    const { graph, key } = frozen;
    if (!graph) return frozen;
    const { train: items, tfms } = data;
    const chosen = await choosePrecision({ ...work, precision, items, spec: tfms.valid, graph, key, seed, session, cache });
    if (chosen) onPrecision?.(chosen.choice);
    return chosen?.choice.precision === "int8" ? quantizeFrozenPart({ ...frozen, graph }, chosen.ranges, session) : frozen;
  }

  get #opened(): OpenPart {
    if (!this.#open) throw new Error("There is no frozen part");
    return this.#open;
  }

  async #activations(request: ActivationRequest, work: WorkOptions): Promise<Activations> {
    const { activations, point } = this.#opened;
    const key = requestKey(request);
    const opened = activations.get(key) ?? (await openRequested(point, request, work));
    activations.set(key, opened);
    return opened;
  }

  /** The activations if `precompute` asks for them. One vector per image is small: it is cached in any case, if that is possible. */
  async #plainActivations(request: ActivationRequest, precompute: boolean, work: WorkOptions): Promise<Activations | undefined> {
    const { activations } = this.#opened;
    const key = requestKey(request);
    if (precompute) return this.#activations(request, work);
    if (request.frozen.itemShape.length !== 1) return undefined;
    if (activations.has(key)) return activations.get(key);
    try {
      return await this.#activations(request, work);
    } catch (error) {
      // A full or read-only disk: images serve as well.
      if (!(error instanceof UsageError)) throw error;
      activations.set(key, undefined);
      return undefined;
    }
  }

  /** A draw of the training transform: the one that images get in that epoch or view. */
  #drawOf(purpose: "augment" | "tta", epoch: number): Draw {
    return { seed: this.#options.seed, purpose, epoch };
  }

  #itemsOf(subject: Subject): readonly Item[] {
    return typeof subject === "string" ? this.#options.data[subject] : subject;
  }

  #activationBatches(activations: Activations, { signal }: WorkOptions): AsyncIterable<InputBatch> {
    const order = Array.from({ length: activations.count }, (_, index) => index);
    return activationBatches(activations, order, this.#options.data.bs, false, signal);
  }

  #imageBatches(
    subject: Subject,
    purpose: "valid" | "tta",
    draw: number,
    frozen: FrozenPart,
    work: WorkOptions,
  ): AsyncIterable<InputBatch> {
    const { data, seed } = this.#options;
    const items = this.#itemsOf(subject);
    const spec = purpose === "tta" ? data.tfms.train : data.tfms.valid;
    const source = { items, spec, frozen, batchSize: data.bs, seed };
    return imageBatches(source, [...items.keys()], draw, purpose, false, work.signal);
  }

  #evaluate(
    batches: AsyncIterable<InputBatch>,
    subject: Subject,
    network: CutNetwork,
    work: WorkOptions & { task: string },
  ): Promise<Float32Array> {
    const { data, session } = this.#options;
    const count = this.#itemsOf(subject).length;
    return evaluateBatches(batches, { ...work, ...network, normalization: data.tfms, classes: data.c, count, session });
  }
}
