// The data of one learner: training, validation and test images, with their transforms, and the ways to go through them in batches.

import type { WorkOptions } from "../core/progress.ts";
import { randomStream } from "../core/random.ts";
import { readFolders } from "./folders.ts";
import type { Item } from "./items.ts";
import { type Batch, loadBatches } from "./loader.ts";
import { keepReadable, type ScannedItem, scanItems } from "./scan.ts";
import { type Transforms, transformsWithSize } from "./transforms.ts";

/** Options of ImageClassifierData.fromPaths; names and numbers are fastai's. */
export interface FromPathsOptions extends WorkOptions {
  tfms: Transforms;
  /** Images in a batch; default 64. */
  bs?: number;
  /** Folder of training images inside the data set; default "train". */
  trnName?: string;
  /** Folder of validation images; default "valid". Without it a part of the training images is kept for validation. */
  valName?: string;
  testName?: string;
  /** Seed of the split, the order and the augmentation; default 42. */
  seed?: number;
  /** Part of each class kept for validation where there is no validation folder; default 0.2. */
  validFraction?: number;
  /** Folder that keeps what is known about the images, so that a second start is quick. */
  cache?: string;
}

/** A part of the data. */
export type Part = "train" | "valid" | "test";

/** How to go through a part. */
export interface PassOptions {
  /** Names the draws of augmentation and order; default 0. */
  epoch?: number;
  signal?: AbortSignal | undefined;
}

interface Fields {
  readonly path: string;
  readonly classes: readonly string[];
  readonly bs: number;
  readonly seed: number;
  readonly tfms: Transforms;
  readonly train: readonly ScannedItem[];
  readonly valid: readonly ScannedItem[];
  readonly test: readonly ScannedItem[];
  readonly leftOut: number;
}

/** Images, their classes and their transforms. Nothing in it changes; `withSize` and the like make another. */
export class ImageClassifierData {
  /** Absolute path of the data set. */
  readonly path: string;
  /** Names of the classes, sorted; labels are indices into them. */
  readonly classes: readonly string[];
  readonly bs: number;
  readonly seed: number;
  readonly tfms: Transforms;
  readonly train: readonly ScannedItem[];
  readonly valid: readonly ScannedItem[];
  readonly test: readonly ScannedItem[];
  /** Number of images that could not be read. */
  readonly leftOut: number;

  constructor(fields: Fields) {
    this.path = fields.path;
    this.classes = fields.classes;
    this.bs = fields.bs;
    this.seed = fields.seed;
    this.tfms = fields.tfms;
    this.train = fields.train;
    this.valid = fields.valid;
    this.test = fields.test;
    this.leftOut = fields.leftOut;
  }

  /**
   * Reads a folder of train/<class> and valid/<class>, or of classes alone, and checks every image once. Throws a UsageError for a layout
   * or images that cannot be used.
   */
  static async fromPaths(path: string, options: FromPathsOptions): Promise<ImageClassifierData> {
    const { tfms, bs = 64, trnName = "train", valName = "valid", testName, seed = 42, validFraction = 0.2, cache, onWarning } = options;
    const folders = await readFolders(path, { trainName: trnName, validName: valName, testName, validFraction, seed, onWarning });
    const { classes, train, valid, test } = folders;
    const items: readonly Item[] = [...train, ...valid, ...test];
    const readable = keepReadable(
      items,
      await scanItems(items, { cache, onProgress: options.onProgress, signal: options.signal }),
      classes,
      onWarning,
    );
    const byName = new Map(readable.map((item) => [item.name, item]));
    const kept = (part: readonly Item[]) => part.flatMap((item) => byName.get(item.name) ?? []);
    const data = new ImageClassifierData({
      path: folders.path,
      classes,
      bs,
      seed,
      tfms,
      train: kept(train),
      valid: kept(valid),
      test: kept(test),
      leftOut: items.length - readable.length,
    });
    warnOfLeaks(data, onWarning);
    return data;
  }

  /** Number of classes. */
  get c(): number {
    return this.classes.length;
  }

  /** Width and height of the images as the network sees them, in pixels. */
  get size(): number {
    return this.tfms.size;
  }

  /** The same images at another size, for progressive resizing. */
  async withSize(size: number): Promise<ImageClassifierData> {
    return new ImageClassifierData({ ...this, tfms: transformsWithSize(this.tfms, size) });
  }

  /** Training images in a random order that depends on the seed and the epoch; `augment` false gives them the validation transform. */
  trainBatches({ epoch = 0, augment = true, signal }: PassOptions & { augment?: boolean } = {}): AsyncGenerator<Batch, void, undefined> {
    const order = randomStream(this.seed, "order", epoch).shuffle(this.train.map((_, index) => index));
    const spec = augment ? this.tfms.train : this.tfms.valid;
    return loadBatches({ items: this.train, spec, batchSize: this.bs, order, seed: this.seed, epoch, training: true, signal });
  }

  /**
   * A part in its own order: with the validation transform (what precompute and validation see), or, with `augment`, with the training
   * transform as test-time augmentation wants it; then `epoch` numbers the round.
   */
  orderedBatches(
    part: Part,
    { epoch = 0, augment = false, signal }: PassOptions & { augment?: boolean } = {},
  ): AsyncGenerator<Batch, void, undefined> {
    const items = this[part];
    const spec = augment ? this.tfms.train : this.tfms.valid;
    const order = items.map((_, index) => index);
    return loadBatches({ items, spec, batchSize: this.bs, order, seed: this.seed, epoch, purpose: "tta", signal });
  }
}

function warnOfLeaks({ train, valid }: ImageClassifierData, onWarning: WorkOptions["onWarning"]): void {
  const trained = new Set(train.map((item) => item.hash));
  const leaks = valid.filter((item) => trained.has(item.hash));
  const first = leaks[0];
  if (!first) return;
  const count = leaks.length === 1 ? "1 validation image is" : `${leaks.length} validation images are`;
  onWarning?.({
    message: `${count} also among the training images, the first ${first.name}: the accuracy will look better than it is`,
    hint: "Delete one of each pair.",
  });
}
