// The features of photographs: one vector each, by the body of the default network at the size that a run of those that are there at first would
// take, computed once and kept in the cache of activations. Photographs that come later get features of the same size.

import { findDefaultNetwork } from "#default-network";
import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { Store } from "../../core/store/store.ts";
import { tfmsFromModel } from "../../data/augment/transforms.ts";
import type { ScannedItem } from "../../data/dataset/items.ts";
import { loadBatches } from "../../data/load/loader.ts";
import { MemoryBudget } from "../../learner/frozen/cache/memory-budget.ts";
import { openActivations } from "../../learner/frozen/cache/open.ts";
import { type FrozenPart, openFrozenPart } from "../../learner/frozen/frozen-part.ts";
import { headOf } from "../../learner/head-options.ts";
import { startParameters } from "../../learner/models/pretrained.ts";
import { cutNetwork, networkOf } from "../../learner/network.ts";
import { architectureOf } from "../../nn/catalogue.ts";
import { imageSize } from "../../nn/image-size.ts";
import type { Architecture } from "../../nn/scope.ts";
import type { PhotoId } from "../protocol/photographs.ts";

/** Of the head that is cut off, nothing depends on its seed. */
const SEED = 42;
/** Photographs that are together in the cache: one that is new costs this many computations at the next opening. */
const TOGETHER = 512;

export interface ExtractorOptions extends WorkOptions {
  /** How many photographs there are, and how many of them a run would learn from: that decides on the network, and on their size. */
  readonly photographs: number;
  readonly train: number;
  readonly cores: number;
  readonly cache: Store;
  /** What messages call the photographs' folder. */
  readonly path: string;
  readonly offline?: boolean | undefined;
}

/** Photographs and their feature vectors, [photographs, width]. */
export interface FeatureBlock {
  readonly ids: readonly PhotoId[];
  readonly values: Float32Array;
}

/** Computes features. */
export class Extractor {
  readonly network: string;
  readonly width: number;
  readonly #frozen: FrozenPart;
  readonly #options: ExtractorOptions;
  readonly #tfms: ReturnType<typeof tfmsFromModel>;

  private constructor(network: string, frozen: FrozenPart, tfms: ReturnType<typeof tfmsFromModel>, options: ExtractorOptions) {
    this.network = network;
    this.width = frozen.itemShape.reduce((a, b) => a * b, 1);
    this.#frozen = frozen;
    this.#tfms = tfms;
    this.#options = options;
  }

  /** Opens the network that suits the photographs, which may be downloaded. */
  static async open(options: ExtractorOptions): Promise<Extractor> {
    const { photographs, train, cores, offline, ...work } = options;
    const sizeOf = (architecture: Architecture): number => imageSize(architecture, train);
    const chosen = await findDefaultNetwork({ photographs, cores, sizeOf }, { ...work, offline });
    const architecture = architectureOf(chosen.network);
    const network = networkOf(architecture, headOf({}), 2);
    const weights = chosen.weights === chosen.network ? undefined : chosen.weights;
    const parameters = await startParameters(network, { ...work, weights, offline, seed: SEED });
    const tfms = tfmsFromModel(architecture, sizeOf(architecture));
    const { frozen: stages } = cutNetwork(network, (group) => group >= network.groups - 1);
    const frozen = openFrozenPart({ stages, parameters, size: tfms.size, normalization: tfms, session: {} });
    return new Extractor(architecture.name, frozen, tfms, options);
  }

  /** The features of photographs, some at a time, from the cache as far as they are there. Throws a UsageError for one that cannot be read. */
  async *features(photographs: ReadonlyMap<PhotoId, ScannedItem>, work: WorkOptions = {}): AsyncGenerator<FeatureBlock> {
    let before = 0;
    for (const ids of together(photographs)) {
      const items = ids.map((id) => photographs.get(id) as ScannedItem);
      const rows = await openActivations({
        items,
        spec: this.#tfms.valid,
        frozen: this.#frozen,
        cache: this.#options.cache,
        metadata: {
          data: this.#options.path,
          part: "train",
          network: this.network,
          group: 0,
          stage: "body",
          precision: "fp32",
          mean: this.#tfms.mean,
          std: this.#tfms.std,
        },
        // All rows are read at once and kept by the caller.
        budget: new MemoryBudget(0),
        images: photographs.size,
        task: "Looking at photographs",
        signal: work.signal,
        onProgress: (progress) => work.onProgress?.({ ...progress, done: before + progress.done, total: photographs.size }),
      });
      yield { ids, values: (await rows.rows(items.map((_, row) => row))).data };
      before += ids.length;
      work.onProgress?.({ task: "Looking at photographs", done: before, total: photographs.size, unit: "images" });
    }
  }

  /** The features of a picture that is no photograph of the folder: [width]. Throws a UsageError if it cannot be read. */
  async featuresOf(picture: Uint8Array): Promise<Float32Array> {
    const item = { name: "picture", file: "picture", label: -1, read: async () => picture };
    for await (const { pixels, failed } of loadBatches({
      items: [item],
      spec: this.#tfms.valid,
      batchSize: 1,
      order: [0],
      seed: 0,
      epoch: 0,
    })) {
      const [failure] = failed;
      if (failure)
        throw new UsageError(`The picture cannot be read: ${failure.error}`, "Choose a photograph in a usual format, such as JPEG or PNG.");
      return (await this.#frozen.run(pixels)).data as Float32Array;
    }
    throw new Error("There was no batch");
  }

  release(): Promise<void> {
    return this.#frozen.release();
  }
}

/**
 * The photographs in groups that are stored together. Which group one belongs to depends on its content alone, and on how many there are in powers
 * of two, so that a new photograph changes one group and leaves the others in the cache.
 */
function together(photographs: ReadonlyMap<PhotoId, ScannedItem>): readonly (readonly PhotoId[])[] {
  const bits = Math.max(0, Math.ceil(Math.log2(photographs.size / TOGETHER)));
  const groups = new Map<number, PhotoId[]>();
  for (const [id, { hash }] of photographs) {
    const group = Number.parseInt(hash.slice(0, 8), 16) % 2 ** bits;
    const members = groups.get(group);
    if (members) members.push(id);
    else groups.set(group, [id]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, ids]) => ids);
}
