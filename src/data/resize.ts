// Copies of a data set's images with a smaller side of so many pixels: training on them reads and decodes far less. The copies keep their
// names, so that splits and augmentation stay the same, and the time of their originals, which shows what need not be made again.

import { realpath, stat, utimes } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { cacheBeside } from "../core/cache-folder.node.ts";
import { expected, UsageError } from "../core/errors.ts";
import { writeFile } from "../core/files.node.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { ImageDataset } from "./dataset.ts";
import type { ImageFacts, Item, ScannedItem } from "./items.ts";
import { mapLimited } from "./load/limiter.ts";
import type { Failure } from "./load/load-task.ts";
import { defaultWorkers, runInPool } from "./load/pool.ts";
import type { ShrinkTask, Shrunk } from "./load/shrink.ts";
import { type FolderOptions, readFolders } from "./sources/folders.ts";

/** What became of an image: its copy, or why there is none. */
export type ResizedItem = { readonly item: ScannedItem; readonly made: boolean } | { readonly name: string; readonly error: string };

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
 * they are. Copies that are whole and as old as their original are kept, so that work that was stopped goes on. Gives what became of
 * each item, in order. Throws a UsageError where `out` cannot be written or lies where it would mix with the originals in `root`.
 */
export async function resizeItems(
  items: readonly Item[],
  root: string,
  size: number,
  out: string,
  { onProgress, signal }: WorkOptions = {},
): Promise<ResizedItem[]> {
  if (!Number.isInteger(size) || size < 1) throw expected("a whole number of at least 1", "the size", size, "It counts pixels.");
  await refuseInside(root, out);
  let done = 0;
  const resizeOne = async (item: Item): Promise<ResizedItem> => {
    const result = await resizeItem(item, size, join(out, ...item.name.split("/")));
    onProgress?.({ task: "Resizing images", done: ++done, total: items.length, unit: "images" });
    return result;
  };
  return mapLimited(items, 2 * defaultWorkers(), resizeOne, signal);
}

/** Resizes a data set in any layout that ImageClassifierData.fromPaths reads, as `resizeItems` does; the copy has the same layout. */
export async function resizeFolder(
  path: string,
  size: number,
  out: string,
  options: WorkOptions & FolderOptions = {},
): Promise<ResizeSummary> {
  const { train, valid, test, path: root } = await readFolders(path, options);
  const results = await resizeItems([...train, ...valid, ...test], root, size, out, options);
  const failed = results.flatMap((result) => ("error" in result ? [result] : []));
  const made = results.filter((result) => "made" in result && result.made).length;
  return { folder: resolve(out), made, kept: results.length - failed.length - made, failed };
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
  const out = join(newPath ?? join(cacheBeside(path), "resized"), `${size}`);
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

async function resizeItem(item: Item, size: number, file: string): Promise<ResizedItem> {
  const source = await stat(item.file).catch(() => undefined);
  const old = source && (await wholeCopy(file, source, size));
  if (old) return { item: { ...item, ...old, file }, made: false };
  const result = await runInPool<Shrunk | Failure>("shrink", { file: item.file, size } satisfies ShrinkTask);
  if ("error" in result) return { name: item.name, error: result.error };
  const { bytes, hash, width, height } = result;
  await writeFile(file, bytes);
  if (source) await utimes(file, source.atimeMs / 1000, source.mtimeMs / 1000);
  return { item: { ...item, file, hash, width, height }, made: true };
}

/** What is known of the copy `file` where it is there, as old as its source, can be read, and has the size it should have. */
async function wholeCopy(file: string, source: { size: number; mtimeMs: number }, size: number): Promise<ImageFacts | undefined> {
  const copy = await stat(file).catch(() => undefined);
  // Some file systems keep times to two seconds.
  if (!copy || Math.abs(copy.mtimeMs - source.mtimeMs) > 2000) return undefined;
  const facts = await runInPool<ImageFacts | Failure>("scan", file);
  if ("error" in facts) return undefined;
  const side = Math.min(facts.width, facts.height);
  return side === size || (side < size && copy.size === source.size) ? facts : undefined;
}

async function refuseInside(root: string, out: string): Promise<void> {
  const path = relative(await realPlace(root), await realPlace(out));
  const [first = ""] = path.split(sep);
  // A hidden folder is no class, and ".." leads out.
  if (!first.startsWith(".") && !/^[A-Za-z]:/.test(first))
    throw new UsageError(
      `The resized images cannot go into ${resolve(out)}, which is in the folder of the originals`,
      "Choose a folder beside it; in it they would overwrite images, or count as a class.",
    );
}

/** The path with symbolic links followed as far as it exists. */
async function realPlace(path: string): Promise<string> {
  const whole = resolve(path);
  const found = await realpath(whole).catch(() => undefined);
  if (found !== undefined || dirname(whole) === whole) return found ?? whole;
  return join(await realPlace(dirname(whole)), whole.slice(dirname(whole).length));
}
