// Copies of a data set's images with a smaller side of so many pixels: training on them reads and decodes far less. The copies keep their
// names, so that splits and augmentation stay the same.

import { copier } from "#copies";
import { files } from "#files";
import { pool } from "#load";
import { expected } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { ImageDataset } from "../dataset/dataset.ts";
import type { Item } from "../dataset/items.ts";
import { mapLimited } from "../load/limiter.ts";
import { type FolderOptions, readFolders } from "../sources/folders.ts";
import type { ResizedItem } from "./copies.ts";

/** What `resizeFolder` did. */
export interface ResizeSummary {
  /** Absolute path of the folder of copies. */
  readonly folder: string;
  /** Number of copies written. */
  readonly made: number;
  /** Number of copies that were there already. */
  readonly kept: number;
  /** Images that could not be read, and why. */
  readonly failed: readonly { readonly name: string; readonly error: string }[];
}

/**
 * Writes a copy of each item into the folder `out`, under the same name, with a smaller side of `size` pixels; smaller images are copied as
 * they are. Copies that are whole and as old as their original stay, so that stopped work resumes. Gives what became of
 * each item, in order. Throws a UsageError if `out` cannot be written or would mix with the originals in `root`.
 */
export async function resizeItems(
  items: readonly Item[],
  root: string,
  size: number,
  out: string,
  { onProgress, signal }: WorkOptions = {},
): Promise<ResizedItem[]> {
  if (!Number.isInteger(size) || size < 1) throw expected("a whole number of at least 1", "the size", size, "It counts pixels.");
  await copier.refuseInside(root, out);
  let done = 0;
  const resizeOne = async (item: Item): Promise<ResizedItem> => {
    const result = await copier.copy(item, size, out);
    onProgress?.({ task: "Resizing images", done: ++done, total: items.length, unit: "images" });
    return result;
  };
  return mapLimited(items, 2 * pool.workers(), resizeOne, signal);
}

/** Resizes a data set in any layout that ImageClassifierData.fromPaths reads, as `resizeItems` does; the copy has the same layout. */
export async function resizeFolder(
  path: string,
  size: number,
  out: string,
  options: WorkOptions & FolderOptions = {},
): Promise<ResizeSummary> {
  const { train, valid, test, path: root } = await readFolders(path, { findTest: true, ...options });
  const results = await resizeItems([...train, ...valid, ...test], root, size, out, options);
  const failed = results.flatMap((result) => ("error" in result ? [result] : []));
  const made = results.filter((result) => "made" in result && result.made).length;
  return { folder: files.resolve(out), made, kept: results.length - failed.length - made, failed };
}

/**
 * The data set with copies of its images in `newPath`/`size` (default: in .thaw beside the data). Images that cannot be read are warned about
 * and left out.
 */
export async function resizeDataset(
  dataset: ImageDataset,
  size: number,
  { newPath, ...work }: WorkOptions & { newPath?: string } = {},
): Promise<ImageDataset> {
  const { path, kind, classes, train, valid, test, leftOut } = dataset;
  const out = copier.folderFor(path, size, newPath);
  const results = await resizeItems([...train, ...valid, ...test], path, size, out, work);
  const failed = results.flatMap((result) => ("error" in result ? [result] : []));
  const first = failed[0];
  if (first)
    work.onWarning?.({
      message: `${failed.length === 1 ? "1 image" : `${failed.length} images`} cannot be read and left out, the first ${first.name} (${first.error})`,
      hint: "Replace or delete them.",
    });
  const copies = (from: number, count: number) =>
    results.slice(from, from + count).flatMap((result) => ("item" in result ? [result.item] : []));
  return {
    path,
    kind,
    classes,
    train: copies(0, train.length),
    valid: copies(train.length, valid.length),
    test: copies(train.length + valid.length, test.length),
    leftOut: leftOut + failed.length,
  };
}
