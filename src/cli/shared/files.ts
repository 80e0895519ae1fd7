// The photographs that the files and folders on a command line stand for.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { systemCode } from "../../core/system-error.ts";
import { byText } from "../../data/dataset/items.ts";
import { kindOfFile } from "../../data/decode/file-names.ts";

/** A file to predict, or a path that leads to none, with the reason. */
export interface FoundFile {
  readonly file: string;
  readonly error?: string;
}

const EMPTY = "no images in this folder";

/**
 * The files that `paths` name, in their order: a file as it is, a folder as all images in and below it, sorted, without hidden ones. A path
 * that leads nowhere comes with an error, and so does a folder without images; if there are only such folders, a UsageError is thrown.
 */
export async function findPhotographs(paths: readonly string[]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const path of paths) {
    try {
      const files = (await stat(path)).isDirectory() ? await imagesBelow(path) : [path];
      found.push(...(files.length > 0 ? files.map((file) => ({ file })) : [{ file: path, error: EMPTY }]));
    } catch (error) {
      found.push({ file: path, error: reason(error) });
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

async function imagesBelow(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith("."));
  entries.sort((a, b) => byText(a.name, b.name));
  const nested = entries.map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return imagesBelow(path);
    return kindOfFile(entry.name) === "image" ? [path] : [];
  });
  return (await Promise.all(nested)).flat();
}

function reason(error: unknown): string {
  const code = systemCode(error);
  if (code === undefined) throw error;
  return code === "ENOENT" || code === "ENOTDIR" ? "no such file or folder" : `cannot be read (${code})`;
}
