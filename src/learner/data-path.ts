// The way of the data through a network that is cut at the freeze point: which batches training and evaluation get, from images or from
// cached activations. Keeps the frozen part's session and the activations as long as the weights left of the cut are the same.
// Training may go through the frozen part in 8 bit; whatever is measured or predicted goes through it in full precision, as the saved model does.

import type { WorkOptions } from "../core/progress.ts";
import type { ImageClassifierData } from "../data/image-data.ts";
import { describeParameters, type Parameters, parameterOf, type Stage } from "../nn/scope.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import { type Activations, openActivations } from "./activations.ts";
import { activationBatches, type InputBatch, imageBatches } from "./batches.ts";
import { evaluate } from "./evaluate.ts";
import { type FrozenPart, openFrozenPart, quantizeFrozenPart } from "./frozen-part.ts";
import { cutNetwork, type Network } from "./network.ts";
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

/** The part of the data that a pass goes through. */
export type Part = "train" | "valid";

export class DataPath {
  readonly #options: DataPathOptions;
  #open: { stages: readonly Stage[]; weights: readonly unknown[]; frozen: FrozenPart } | undefined;
  /** The frozen part that feeds training, once it is chosen. */
  #training: Promise<FrozenPart> | undefined;
  readonly #activations = new Map<Part, Activations>();

  constructor(options: DataPathOptions) {
    this.#options = options;
    checkPrecision(options.precision, options.session);
  }

  /** The frozen part for layer groups before `firstTrained`, with `parameters`. */
  async frozen(firstTrained: number, parameters: Parameters): Promise<FrozenPart> {
    const { network, data, session } = this.#options;
    const stages = cutNetwork(network, (group) => group >= firstTrained).frozen;
    const weights =
      stages.length === 0 ? [] : describeParameters(stages, [1, 3, data.size, data.size]).map(({ name }) => parameterOf(parameters, name));
    const open = this.#open;
    if (open && open.stages.length === stages.length && open.weights.every((weight, i) => weight === weights[i])) return open.frozen;
    await this.release();
    const frozen = await openFrozenPart({ stages, parameters, size: data.size, normalization: data.tfms, session });
    this.#open = { stages, weights, frozen };
    return frozen;
  }

  /** Training batches in `order`: cached activations with `precompute`, else augmented images of `epoch`. */
  async trainBatches(
    frozen: FrozenPart,
    order: readonly number[],
    epoch: number,
    precompute: boolean,
    batchSize: number,
    work: WorkOptions,
  ): Promise<AsyncIterable<InputBatch>> {
    const { data, seed } = this.#options;
    const part = await this.#trainingPart(frozen, work);
    if (precompute && part.type === "float32")
      return activationBatches(await this.#cached("train", part, work), order, batchSize, true, work.signal);
    const source = { items: data.train, spec: data.tfms.train, frozen: part, batchSize, seed };
    return imageBatches(source, order, epoch, "augment", true, work.signal);
  }

  /** Logits [items, classes] of the validation images with the validation transform. */
  async validLogits(
    frozen: FrozenPart,
    trained: readonly Stage[],
    parameters: Parameters,
    precompute: boolean,
    work: WorkOptions,
  ): Promise<Float32Array> {
    const batches = await this.validBatches(frozen, precompute, work);
    return this.#evaluate(batches, frozen, trained, parameters, { ...work, task: "Validating" });
  }

  /** Batches of the validation images with the validation transform, in order. */
  async validBatches(frozen: FrozenPart, precompute: boolean, work: WorkOptions): Promise<AsyncIterable<InputBatch>> {
    const { data, seed } = this.#options;
    const order = [...data.valid.keys()];
    // One vector per image is small: it is worth keeping even when training goes through the images.
    const kept = frozen.type === "float32" && (precompute || frozen.itemShape.length === 1);
    if (kept) return activationBatches(await this.#cached("valid", frozen, work), order, data.bs, false, work.signal);
    return imageBatches(
      { items: data.valid, spec: data.tfms.valid, frozen, batchSize: data.bs, seed },
      order,
      0,
      "valid",
      false,
      work.signal,
    );
  }

  /** Logits [items, classes] of the validation images with the training transform; `view` numbers the draw. */
  async augmentedLogits(
    frozen: FrozenPart,
    trained: readonly Stage[],
    parameters: Parameters,
    view: number,
    task: string,
    work: WorkOptions,
  ): Promise<Float32Array> {
    const { data, seed } = this.#options;
    const source = { items: data.valid, spec: data.tfms.train, frozen, batchSize: data.bs, seed };
    const batches = imageBatches(source, [...data.valid.keys()], view, "tta", false, work.signal);
    return this.#evaluate(batches, frozen, trained, parameters, { ...work, task });
  }

  /** Frees the frozen part's session and the activations in memory; those on disk stay. */
  async release(): Promise<void> {
    const [open, training] = [this.#open, this.#training];
    this.#open = undefined;
    this.#training = undefined;
    this.#activations.clear();
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
    return chosen?.choice.precision === "int8" ? quantizeFrozenPart({ ...frozen, graph }, chosen.ranges, session) : frozen;
  }

  async #cached(part: Part, frozen: FrozenPart, work: WorkOptions): Promise<Activations> {
    const made = this.#activations.get(part);
    if (made) return made;
    const { data, cache } = this.#options;
    const task = `Computing activations of the ${part === "train" ? "training" : "validation"} images`;
    const activations = await openActivations({ ...work, items: data[part], spec: data.tfms.valid, frozen, folder: cache, task });
    this.#activations.set(part, activations);
    return activations;
  }

  #evaluate(
    batches: AsyncIterable<InputBatch>,
    frozen: FrozenPart,
    stages: readonly Stage[],
    parameters: Parameters,
    work: WorkOptions & { task: string },
  ): Promise<Float32Array> {
    const { data, session } = this.#options;
    return evaluate(batches, {
      ...work,
      stages,
      parameters,
      frozen,
      normalization: data.tfms,
      classes: data.c,
      count: data.valid.length,
      session,
    });
  }
}
