// The data of one learner: a data set with transforms and a batch size, and the ways to go through it in batches.

import { expected, UsageError } from "../core/errors.ts";
import type { WorkOptions } from "../core/progress.ts";
import { randomStream } from "../core/random.ts";
import { type Transforms, transformsWithSize } from "./augment/transforms.ts";
import type { ImageDataset, Part } from "./dataset/dataset.ts";
import type { ScannedItem } from "./dataset/items.ts";
import { type Sampling, sampledOrder } from "./dataset/sampling.ts";
import { type LabelArray, TARGET_KINDS, type TargetKind, type TargetOptions } from "./dataset/targets.ts";
import { RGB } from "./decode/image.ts";
import type { FileTree } from "./files/file-tree.ts";
import { type Batch, loadBatches } from "./load/loader.ts";
import { resizeDataset } from "./resize/resize.ts";
import { type ArrayParts, arrayDataset } from "./sources/arrays.ts";
import type { CsvOptions } from "./sources/csv.ts";
import { type LabelOf, type ListOptions, labelByPattern } from "./sources/lists.ts";
import {
  datasetFromCsv,
  datasetFromFolder,
  datasetFromFunction,
  datasetFromNames,
  datasetFromPaths,
  type ReadOptions,
  warnOfLeaks,
} from "./sources/read-dataset.ts";

/** Options of every way to make data; names and numbers are fastai's. */
export interface DataOptions extends ReadOptions {
  tfms: Transforms;
  /** Images in a batch; default 64. */
  bs?: number;
  /** Seed of the split, the order and the augmentation; default 42. */
  seed?: number;
}

/** Options of ImageClassifierData.fromPaths. */
export interface FromPathsOptions extends DataOptions {
  /** Folder of training images inside the data set; default "train" or another usual name. "." makes all its folders classes. */
  trnName?: string | undefined;
  /**
   * Folder of validation images; default "valid" or another usual name. Without it a part of the training images is held out for
   * validation.
   */
  valName?: string | undefined;
  testName?: string | undefined;
  /** Whether the test folder holds class folders; default: if all its folders are named like classes. */
  testWithLabels?: boolean;
  /** Part of each class held out for validation if there is no validation folder; default 0.2. */
  validFraction?: number;
}

/** Options of ImageClassifierData.fromCsv. */
export type FromCsvOptions = DataOptions & Omit<CsvOptions, "rowName">;

/** Options of ImageClassifierData.fromPathAndArray. */
export type FromArrayOptions = DataOptions & Omit<ListOptions, "rowName">;

/** Options of ImageClassifierData.fromArrays: nothing is split, and no image has to be checked. */
export type FromArraysOptions = Omit<DataOptions, "cache"> & Omit<TargetOptions, "rowName">;

/** Options of ImageClassifierData.fromNamesAndArray: `suffix` follows each name. */
export type FromNamesOptions = FromArrayOptions & { suffix?: string };

/** Options of ImageClassifierData.fromFunction and fromRegex: without `valIdxs`, `validFraction` (default 0.2) of each class is for validation. */
export type FromFunctionOptions = FromArrayOptions & { validFraction?: number };

/** How to go through a part. */
export interface PassOptions {
  /** Names the draws of augmentation and order; default 0. */
  epoch?: number;
  signal?: AbortSignal | undefined;
}

interface Fields extends Omit<ImageDataset, "kind"> {
  /** Default "single". */
  readonly kind?: TargetKind;
  readonly tfms: Transforms;
  readonly bs: number;
  readonly seed: number;
}

/** A data set with transforms and a batch size. Nothing in it changes; `withSize` and the like make another. */
export class ImageClassifierData implements ImageDataset {
  /** Absolute path of the data set, or what its tree of files is called. */
  readonly path: string;
  /** What is learnt about an image: one class, which of several labels it has, or numbers. */
  readonly kind: TargetKind;
  /** Names of the classes, sorted; labels are indices into them. If the targets are numbers, the names of their columns. */
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
    this.kind = fields.kind ?? "single";
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
   * Reads a folder, or a tree of files, of train/<class> and valid/<class>, or of classes alone, and checks every image once. Throws a UsageError for a layout
   * or images that cannot be used.
   */
  static async fromPaths(path: string | FileTree, options: FromPathsOptions): Promise<ImageClassifierData> {
    const { trnName, valName } = options;
    return ImageClassifierData.#of(options, () => datasetFromPaths(path, { ...options, trainName: trnName, validName: valName }));
  }

  /**
   * Reads the table `csvFname` (a path from here or from `path`), whose first column names the images in `folder` of `path` and whose second
   * holds their labels. If a cell holds several, images have several labels each; with `continuous` the other columns are numbers to
   * predict. Throws a UsageError that names the line of a mistake.
   */
  static async fromCsv(path: string | FileTree, folder: string, csvFname: string, options: FromCsvOptions): Promise<ImageClassifierData> {
    return ImageClassifierData.#of(options, () => datasetFromCsv(path, folder, csvFname, options));
  }

  /** The images in `folder` of `path`, sorted by name, labelled by position with `y`. Throws a UsageError if their numbers differ. */
  static async fromPathAndArray(
    path: string | FileTree,
    folder: string,
    y: LabelArray,
    options: FromArrayOptions,
  ): Promise<ImageClassifierData> {
    return ImageClassifierData.#of(options, () => datasetFromFolder(path, folder, y, options));
  }

  /** The images `fnames`, relative to `path`, labelled by position with `y`. Throws a UsageError for mistakes in either. */
  static async fromNamesAndArray(
    path: string | FileTree,
    fnames: readonly string[],
    y: LabelArray,
    options: FromNamesOptions,
  ): Promise<ImageClassifierData> {
    return ImageClassifierData.#of(options, () => datasetFromNames(path, fnames, y, options));
  }

  /**
   * Images in memory, with labels by position; results computed from them are stored beside `path`. Throws a UsageError for shapes, values or
   * labels that make no data set.
   */
  static async fromArrays(path: string, parts: ArrayParts, options: FromArraysOptions): Promise<ImageClassifierData> {
    const { tfms, bs = 64, seed = 42, onWarning } = options;
    const dataset = arrayDataset(path, parts, { ...options, channels: tfms.mean.length });
    warnOfLeaks(dataset, onWarning);
    return new ImageClassifierData({ ...dataset, bs, seed, tfms });
  }

  /** All images in `path` and below, labelled by what `labelOf` gives for each name relative to `path`. */
  static async fromFunction(path: string | FileTree, labelOf: LabelOf, options: FromFunctionOptions): Promise<ImageClassifierData> {
    return ImageClassifierData.#of(options, () => datasetFromFunction(path, labelOf, options));
  }

  /** All images in `path` and below, labelled by the first group (or the group "label") of `pattern` in each name relative to `path`. */
  static async fromRegex(path: string | FileTree, pattern: RegExp | string, options: FromFunctionOptions): Promise<ImageClassifierData> {
    return ImageClassifierData.fromFunction(path, labelByPattern(pattern), options);
  }

  /** The data set that `read` gives, for transforms that suit photographs. */
  static async #of({ tfms, bs = 64, seed = 42 }: DataOptions, read: () => Promise<ImageDataset>): Promise<ImageClassifierData> {
    if (![1, RGB].includes(tfms.mean.length))
      throw expected(
        "1 or 3",
        "the number of means of photographs' transforms",
        tfms.mean.length,
        "Images of other channels come as arrays.",
      );
    return new ImageClassifierData({ ...(await read()), bs, seed, tfms });
  }

  /** Number of classes, or of columns. */
  get c(): number {
    return this.classes.length;
  }

  /** Whether images may have several labels. */
  get isMulti(): boolean {
    return this.kind === "multi";
  }

  /** Whether the targets are numbers. */
  get isReg(): boolean {
    return this.kind === "continuous";
  }

  /** Channels of the images as the network sees them: 3, or 1 in grey, or those of the arrays. */
  get channels(): number {
    return this.tfms.mean.length;
  }

  /** Width and height of the images as the network sees them, in pixels. */
  get size(): number {
    return this.tfms.size;
  }

  /** The same images at another size, for progressive resizing. */
  async withSize(size: number): Promise<ImageClassifierData> {
    return new ImageClassifierData({ ...this, tfms: transformsWithSize(this.tfms, size) });
  }

  /**
   * The same images from copies whose smaller side has `size` pixels, which load faster: written to `newPath`/`size` (default: in .thaw beside
   * the data) unless they are there already. Splits, names and `path` stay the same, and so do the places of models and activations. Images that
   * cannot be read are warned about and left out. Throws a UsageError if the copies cannot be written or would lie among the originals.
   */
  async resize(size: number, options: WorkOptions & { newPath?: string } = {}): Promise<ImageClassifierData> {
    return new ImageClassifierData({ ...this, ...(await resizeDataset(this, size, options)) });
  }

  /**
   * Indices of the training images in the order of an epoch, as many as there are images: each once, or as `sampling` says ("balanced" between
   * classes, or a weight per training image). Throws a UsageError for a sampling that cannot be.
   */
  trainOrder(seed: number, epoch: number | string, sampling: Sampling = "shuffled"): number[] {
    if (sampling === "balanced" && !TARGET_KINDS[this.kind].exclusive)
      throw new UsageError("Balanced sampling needs images with one class each", "Give a weight for each training image instead.");
    const labels = this.train.map((item) => item.label);
    return sampledOrder(labels, sampling, randomStream(seed, "order", epoch));
  }

  /** Training images in the order of `trainOrder`; `augment` false gives them the validation transform. */
  trainBatches({
    epoch = 0,
    augment = true,
    sampling,
    signal,
  }: PassOptions & { augment?: boolean; sampling?: Sampling } = {}): AsyncGenerator<Batch, void, undefined> {
    const order = this.trainOrder(this.seed, epoch, sampling);
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
