// The way of the data through a network that is cut at the freeze point: which batches training and evaluation get, from images or from
// cached activations. Keeps the frozen part's session and the activations as long as the weights left of the cut are the same.
// Training may go through the frozen part in 8 bit; whatever is measured or predicted goes through it in full precision, as the saved model does.

import type { WorkOptions } from "../../core/progress.ts";
import { hasChance } from "../../data/augment/transforms.ts";
import type { Part } from "../../data/dataset.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import type { Item } from "../../data/items.ts";
import { describeParameters, type Parameters, parameterOf, type Stage } from "../../nn/scope.ts";
import type { SessionOptions } from "../../runtime/engine.ts";
import { cutNetwork, type Network } from "../network.ts";
import { activationBatches, type InputBatch, imageBatches } from "./batches.ts";
import type { Draw } from "./cache/entry.ts";
import { KeptActivations } from "./cache/kept-activations.ts";
import type { Activations } from "./cache/open.ts";
import { evaluate } from "./evaluate.ts";
import { type FrozenPart, openFrozenPart, quantizeFrozenPart } from "./frozen-part.ts";
import type { Mixer } from "./mixing.ts";
import { checkPrecision, choosePrecision, type Precision, type PrecisionChoice } from "./precision.ts";

export interface DataPathOptions {
  readonly network: Network;
  readonly data: ImageClassifierData;
  readonly seed: number;
  readonly session: SessionOptions;
  /** Folder of the activation cache. */
  readonly cache: string;
  /** That of the frozen part when it feeds training. */
  readonly precision: Precision;
  readonly onPrecision?: ((choice: PrecisionChoice) => void) | undefined;
}

/** A pass of training. */
export interface TrainPass {
  /** Indices of the training images, in the order wanted. */
  readonly order: readonly number[];
  /** The number of the augmentation's draw; negative for one that belongs to no epoch of a fit. */
  readonly epoch: number;
  readonly batchSize: number;
  /** Trains on cached activations: of so many augmented views, one after another, or with 0 of the plain images. */
  readonly precompute: { readonly views: number } | undefined;
  /** Mixes each batch within itself. */
  readonly mix?: Mixer | undefined;
}

/** The images that a pass goes through: a part of the data, or images of one's own, of which nothing is kept. */
export type Subject = Part | readonly Item[];

/** The network as it is now: the frozen part, and the stages right of it with their parameters. */
export interface CutNetwork {
  readonly frozen: FrozenPart;
  readonly stages: readonly Stage[];
  readonly parameters: Parameters;
}

export class DataPath {
  readonly #options: DataPathOptions;
  #open: { stages: readonly Stage[]; weights: readonly unknown[]; frozen: FrozenPart; kept: KeptActivations } | undefined;
  /** The frozen part that feeds training, once it is chosen. */
  #training: Promise<FrozenPart> | undefined;

  constructor(options: DataPathOptions) {
    this.#options = options;
    checkPrecision(options.precision, options.session);
  }

  /** The frozen part for layer groups before `firstTrained`, with `parameters`. */
  async frozen(firstTrained: number, parameters: Parameters): Promise<FrozenPart> {
    const { network, data, session, cache: folder } = this.#options;
    const stages = cutNetwork(network, (group) => group >= firstTrained).frozen;
    const weights =
      stages.length === 0
        ? []
        : describeParameters(stages, [1, data.channels, data.size, data.size]).map(({ name }) => parameterOf(parameters, name));
    const open = this.#open;
    if (open && open.stages.length === stages.length && open.weights.every((weight, i) => weight === weights[i])) return open.frozen;
    await this.release();
    const frozen = await openFrozenPart({ stages, parameters, size: data.size, normalization: data.tfms, session });
    const stage = stages.at(-1)?.name ?? "";
    const kept = new KeptActivations({ data, folder, network: network.architecture.name, group: firstTrained, stage });
    this.#open = { stages, weights, frozen, kept };
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
      const precision = part === frozen ? "fp32" : "int8";
      // Without chance all views are the first.
      const views = hasChance(data.tfms.train) ? precompute.views : Math.min(1, precompute.views);
      const draw = views > 0 ? this.#drawOf("augment", Math.max(0, epoch) % views) : undefined;
      const activations = await this.#kept.get({ part: "train", frozen: part, precision, draw }, work);
      return activationBatches(activations, order, batchSize, true, work.signal, { mix, epoch });
    }
    const source = { items: data.train, spec: data.tfms.train, frozen: part, batchSize, seed, mix };
    return imageBatches(source, order, epoch, "augment", true, work.signal);
  }

  /** Logits [items, classes] of the images of `subject`, in order, with the validation transform. */
  async logits(subject: Subject, network: CutNetwork, precompute: boolean, work: WorkOptions): Promise<Float32Array> {
    const batches = await this.batches(subject, network.frozen, precompute, work);
    const task = subject === "valid" ? "Validating" : "Predicting";
    return this.#evaluate(batches, network, this.#itemsOf(subject).length, { ...work, task });
  }

  /**
   * Logits [items, classes] of the images of `subject`, in order, with the training transform; `view` numbers the draw. With `kept` the
   * activations of a part's view are cached.
   */
  async augmentedLogits(
    subject: Subject,
    network: CutNetwork,
    view: number,
    { kept = false, ...work }: WorkOptions & { task: string; kept?: boolean },
  ): Promise<Float32Array> {
    const { frozen } = network;
    const items = this.#itemsOf(subject);
    const wanted = kept && typeof subject === "string" && frozen.type === "float32";
    const batches = wanted
      ? this.#activationBatches(
          await this.#kept.get({ part: subject, frozen, precision: "fp32", draw: this.#drawOf("tta", view) }, work),
          work,
        )
      : this.#imageBatches(items, "tta", view, frozen, work);
    return this.#evaluate(batches, network, items.length, work);
  }

  /** Batches of the images of `subject`, in order, with the validation transform. */
  async batches(subject: Subject, frozen: FrozenPart, precompute: boolean, work: WorkOptions): Promise<AsyncIterable<InputBatch>> {
    const items = this.#itemsOf(subject);
    const kept =
      typeof subject === "string" && frozen.type === "float32" ? await this.#keptOf(subject, frozen, precompute, work) : undefined;
    if (!kept) return this.#imageBatches(items, "valid", 0, frozen, work);
    return this.#activationBatches(kept, work);
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

  /** `frozen`, or the same in 8 bit: decided once, and again if it failed. */
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
    const chosen = await choosePrecision({ ...work, precision, items, spec: tfms.valid, graph, key, seed, session, folder: cache });
    if (chosen) onPrecision?.(chosen.choice);
    return chosen?.choice.precision === "int8" ? quantizeFrozenPart({ ...frozen, graph }, chosen.calibration, session) : frozen;
  }

  get #kept(): KeptActivations {
    if (!this.#open) throw new Error("There is no frozen part");
    return this.#open.kept;
  }

  async #keptOf(part: Part, frozen: FrozenPart, precompute: boolean, work: WorkOptions): Promise<Activations | undefined> {
    const wanted = { part, frozen, precision: "fp32" } as const;
    if (precompute) return this.#kept.get(wanted, work);
    // One vector per image is small: it is worth keeping even when training goes through the images.
    return frozen.itemShape.length === 1 ? this.#kept.getIfPossible(wanted, work) : undefined;
  }

  #itemsOf(subject: Subject): readonly Item[] {
    return typeof subject === "string" ? this.#options.data[subject] : subject;
  }

  /** A draw of the training transform: the one that images get in that epoch or view. */
  #drawOf(purpose: "augment" | "tta", epoch: number): Draw {
    return { seed: this.#options.seed, purpose, epoch };
  }

  #activationBatches(activations: Activations, { signal }: WorkOptions) {
    const order = Array.from({ length: activations.count }, (_, index) => index);
    return activationBatches(activations, order, this.#options.data.bs, false, signal);
  }

  #imageBatches(items: readonly Item[], purpose: "valid" | "tta", draw: number, frozen: FrozenPart, work: WorkOptions) {
    const { data, seed } = this.#options;
    const spec = purpose === "tta" ? data.tfms.train : data.tfms.valid;
    const source = { items, spec, frozen, batchSize: data.bs, seed };
    return imageBatches(source, [...items.keys()], draw, purpose, false, work.signal);
  }

  #evaluate(batches: AsyncIterable<InputBatch>, network: CutNetwork, count: number, work: WorkOptions & { task: string }) {
    const { data, session } = this.#options;
    return evaluate(batches, { ...work, ...network, normalization: data.tfms, classes: data.c, count, session });
  }
}
