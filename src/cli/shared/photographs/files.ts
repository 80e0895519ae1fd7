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
import { FolderReader } from "../../../data/sources/folder-reader.ts";

/** A file to predict, or a path that leads to none, with the reason. */
export interface FoundFile {
  readonly file: string;
  readonly error?: string;
}

const EMPTY = "no images in this folder";

/**
 * The files that `paths` name, in their order: a file as it is, a folder as all images that thaw train would find in it, sorted. A path
 * that leads nowhere comes with an error, and so does a folder without images; if there are only such folders, a UsageError is thrown.
 */
export async function findPhotographs(paths: readonly string[], onWarning?: WorkOptions["onWarning"]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const path of paths) {
    try {
      const images = (await isFolder(path)) ? await imagesBelow(path, onWarning) : [path];
      found.push(...(images.length > 0 ? images.map((file) => ({ file })) : [{ file: path, error: EMPTY }]));
    } catch (error) {
      // Neither credentials nor a bucket are a matter of one of many.
      if (isS3Address(path)) throw error;
      found.push({ file: path, error: reason(error, path) });
    }
  }
  if (found.every(({ error }) => error === EMPTY)) {
    throw new UsageError(
      `There are no images in ${found.map(({ file }) => file).join(", ")}`,
      "Name photographs, or folders that hold them.",
    );
  }
  return found;
}

/** `paths` with "-" replaced by the lines of a stream. */
export async function namesOnInput(paths: readonly string[], input: AsyncIterable<string | Uint8Array>): Promise<string[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  const lines = Buffer.concat(chunks).toString("utf8").split(/\r?\n/);
  return paths.flatMap((path) => (path === "-" ? lines.filter((line) => line !== "") : [path]));
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
