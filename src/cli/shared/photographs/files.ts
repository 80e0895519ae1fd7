// The photographs that the files and folders on a command line stand for.

import { stat } from "node:fs/promises";
import { UsageError } from "../../../core/errors.ts";
import type { WorkOptions } from "../../../core/progress.ts";
import { isS3Address } from "../../../core/store/s3/address.ts";
import { placeIn } from "../../../core/store/s3/place-in.node.ts";
import { systemCode } from "../../../core/system-error.ts";
import { formatOfName } from "../../../data/decode/file-names.ts";
import { isRemote } from "../../../data/files/remote.node.ts";
import { treeOf } from "../../../data/files/tree-of.ts";
import { namesInText } from "../../../data/lists/text.node.ts";
import { FolderReader } from "../../../data/sources/folder-reader.ts";

/** A file to predict, or a path that leads to none, with the reason. */
export interface FoundFile {
  readonly file: string;
  readonly error?: string;
}

const EMPTY = "no images in this folder";

type Paths = Iterable<string> | AsyncIterable<string>;

/**
 * The files that `paths` name, in their order: a file as it is, a folder as all images that thaw train would find in it, sorted. A path
 * that leads nowhere comes with an error, and so does a folder without images; if there are only such folders, a UsageError is thrown.
 */
export async function* photographsIn(paths: Paths, onWarning?: WorkOptions["onWarning"]): AsyncGenerator<FoundFile, void, undefined> {
  // Held back until there is something else.
  let empty: FoundFile[] = [];
  let some = false;
  for await (const path of paths) {
    for await (const file of photographsAt(path, onWarning)) {
      if (!some && file.error === EMPTY) {
        empty.push(file);
        continue;
      }
      some = true;
      yield* empty;
      empty = [];
      yield file;
    }
  }
  if (empty.length > 0)
    throw new UsageError(
      `There are no images in ${empty.map(({ file }) => file).join(", ")}`,
      "Name photographs, or folders that hold them.",
    );
}

async function* photographsAt(path: string, onWarning: WorkOptions["onWarning"]): AsyncGenerator<FoundFile, void, undefined> {
  let images: readonly string[];
  try {
    images = (await isFolder(path)) ? await imagesBelow(path, onWarning) : [path];
  } catch (error) {
    // Neither credentials nor a bucket are a matter of one of many.
    if (isS3Address(path)) throw error;
    yield { file: path, error: reason(error, path) };
    return;
  }
  if (images.length === 0) yield { file: path, error: EMPTY };
  for (const file of images) yield { file };
}

/** `paths` with "-" replaced by the lines of the text that `input` opens, as they come, each as `placeOf` says. */
export async function* namesOnInput(
  paths: readonly string[],
  input: () => AsyncIterable<string>,
  placeOf: (name: string) => string | Promise<string> = (name) => name,
): AsyncGenerator<string, void, undefined> {
  for (const path of paths)
    if (path !== "-") yield path;
    else for await (const name of namesInText(input(), "Standard input")) yield placeOf(name);
}

async function imagesBelow(folder: string, onWarning: WorkOptions["onWarning"]): Promise<string[]> {
  const reader = new FolderReader(treeOf(folder));
  const items = await reader.images("", -1);
  reader.report(onWarning);
  return items.map(({ name }) => placeIn(folder, name));
}

/** Whether `path`, or the address that it is, stands for what lies below it. */
async function isFolder(path: string): Promise<boolean> {
  if (isS3Address(path)) return formatOfName(path) === undefined;
  return !isRemote(path) && (await stat(path)).isDirectory();
}

function reason(error: unknown, path: string): string {
  if (error instanceof UsageError) return error.message;
  const code = systemCode(error);
  if (code === undefined) throw error;
  // What Node puts in the place of bytes that are not UTF-8.
  if (code === "ENOENT" && path.includes("\uFFFD")) return "its name is not UTF-8: rename it";
  return code === "ENOENT" || code === "ENOTDIR" ? "no such file or folder" : `cannot be read (${code})`;
}
