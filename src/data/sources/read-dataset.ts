// Data sets from folders, tables and lists of files: every image is read once, so that none fails in the middle of training.

import type { WorkOptions } from "../../core/progress.ts";
import type { Store } from "../../core/store/store.ts";
import type { ImageDataset, ListedDataset } from "../dataset/dataset.ts";
import type { KeptPixels } from "../dataset/kept-pixels.ts";
import type { LabelArray } from "../dataset/targets.ts";
import type { FileTree } from "../files/file-tree.ts";
import { keepReadable, scanItems } from "../load/scan.ts";
import { type CsvOptions, readCsv } from "./csv.ts";
import { type FolderOptions, readFolders } from "./folders.ts";
import { type LabelOf, type ListOptions, listByFunction, listFolder, listNamed } from "./lists.ts";

/** Options of every way to read a data set. */
export interface ReadOptions extends WorkOptions {
  /** Seed of the split; default 42. */
  seed?: number;
  /** Folder or store of what is known about the images, so that a second start is quick. */
  cache?: string | Store;
}

/** What is called when the images are listed, before any is decoded: gives where to keep pixels of those that are. */
export interface CheckOptions extends ReadOptions {
  onListed?: ((listed: ListedDataset) => Promise<KeptPixels | undefined>) | undefined;
}

/** Reads a folder of train/<class> and valid/<class>, or of classes alone. Throws a UsageError for a layout or images that cannot be used. */
export async function datasetFromPaths(path: string | FileTree, options: FolderOptions & CheckOptions = {}): Promise<ImageDataset> {
  return scanned(await readFolders(path, options), options);
}

/** Reads the images that the table `csvFname` names, as readCsv finds them. */
export async function datasetFromCsv(
  path: string | FileTree,
  folder: string,
  csvFname: string,
  options: CsvOptions & CheckOptions = {},
): Promise<ImageDataset> {
  return scanned(await readCsv(path, folder, csvFname, options), options);
}

/** Reads the images in `folder` of `path`, sorted by name, labelled by position with `y`. */
export async function datasetFromFolder(
  path: string | FileTree,
  folder: string,
  y: LabelArray,
  options: ListOptions & ReadOptions = {},
): Promise<ImageDataset> {
  return scanned(await listFolder(path, folder, y, options), options);
}

/** Reads the images `fnames`, relative to `path`, labelled by position with `y`. */
export async function datasetFromNames(
  path: string | FileTree,
  fnames: readonly string[],
  y: LabelArray,
  options: ListOptions & ReadOptions & { suffix?: string | undefined } = {},
): Promise<ImageDataset> {
  return scanned(await listNamed(path, "", fnames, y, options), options);
}

/** Reads all images in `path` and below, labelled by what `labelOf` gives for each name. */
export async function datasetFromFunction(
  path: string | FileTree,
  labelOf: LabelOf,
  options: ListOptions & ReadOptions & { validFraction?: number | undefined } = {},
): Promise<ImageDataset> {
  return scanned(await listByFunction(path, labelOf, options), options);
}

/** Warns of images that are among both the training and the validation images. */
export function warnOfLeaks({ train, valid }: ImageDataset, onWarning: WorkOptions["onWarning"]): void {
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

/** Reads every image of `listed`, and leaves out those that cannot be read, with a warning. */
async function scanned(listed: ListedDataset, { cache, onListed, onProgress, onWarning, signal }: CheckOptions): Promise<ImageDataset> {
  const { path, kind, classes, train, valid, test } = listed;
  const items = [...train, ...valid, ...test];
  const kept = await onListed?.(listed);
  const found = await scanItems(items, { cache, kept, onProgress, signal });
  const readable = keepReadable(items, found, classes, { kept, onWarning });
  const broken = new Set(items.filter((_, i) => "error" in found[i]!));
  const [inTrain, inValid] = [train, valid].map((part) => part.filter((item) => !broken.has(item)).length) as [number, number];
  const dataset: ImageDataset = {
    path,
    kind,
    classes,
    train: readable.slice(0, inTrain),
    valid: readable.slice(inTrain, inTrain + inValid),
    test: readable.slice(inTrain + inValid),
    leftOut: items.length - readable.length,
  };
  warnOfLeaks(dataset, onWarning);
  return dataset;
}
