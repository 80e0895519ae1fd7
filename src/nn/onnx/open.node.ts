// Opens ONNX files on disk, with files of weights beside them, and never reads anything outside their folder.

import { closeSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { expected, UsageError } from "../../core/errors.ts";
import type { ReadExternal } from "../../graph/source/tensors.ts";
import type { OpenOnnx } from "./open.ts";

/** The limit of protocol buffers in bytes. */
const LARGEST = 2 ** 31;

export const openOnnx: OpenOnnx = async (file) => ({ name: basename(file), bytes: await read(file), external: filesBeside(file) });

async function read(file: string): Promise<Uint8Array> {
  const hint = "Give the path of an ONNX file.";
  try {
    const { size } = await stat(file);
    if (size > LARGEST) throw expected(`at most ${LARGEST} bytes`, file, size, "Save its weights in a file beside it (external data).");
    return await readFile(file);
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`Cannot read the ONNX file ${file}`, hint, { cause: error });
  }
}

/** What all tensors together may read beside four times the size of the files. */
const MEMORY = 64e6;

/**
 * Reads files in the folder of `file` or below, and refuses all others. Tensors may share bytes, but not so often that a small file fills
 * the memory.
 */
function filesBeside(file: string): ReadExternal {
  const sizes = new Map<string, number>();
  let total = 0;
  return (location, offset, length) => {
    const hint = "Put the model and its data files into one folder, as they were exported.";
    const folder = realpathSync(dirname(file));
    if (isAbsolute(location) || /^[A-Za-z]:|\\|\0/.test(location) || location.split("/").includes(".."))
      throw new UsageError(`${file} refers to the file "${location}", which is not in its folder`, hint);
    const path = realPath(join(folder, location));
    if (path === undefined) throw new UsageError(`${file} needs the file "${location}" beside it, which does not exist`, hint);
    const inside = relative(folder, path);
    if (isAbsolute(inside) || inside.split(sep)[0] === "..")
      throw new UsageError(`${file} refers to the file "${location}", a link that leads out of its folder`, hint);
    const found = statSync(path);
    if (!found.isFile()) throw new UsageError(`${file} refers to "${location}", which is not a file`, hint);
    if (offset + length > found.size)
      throw new UsageError(`${file} refers to bytes beyond the end of "${location}"`, "Copy both files again, or export the model again.");
    sizes.set(path, found.size);
    total += length;
    if (total > 4 * [...sizes.values()].reduce((sum, size) => sum + size, 0) + MEMORY)
      throw new UsageError(`${file} reads the same bytes of "${location}" for many tensors`, "The file is damaged or malicious.");
    return readBytes(path, offset, length);
  };
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function readBytes(path: string, offset: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  const descriptor = openSync(path, "r");
  try {
    let done = 0;
    while (done < count) {
      const read = readSync(descriptor, bytes, done, Math.min(count - done, 2 ** 30), offset + done);
      if (read === 0) throw new UsageError(`${path} became shorter while it was read`, "Run the command again.");
      done += read;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}
