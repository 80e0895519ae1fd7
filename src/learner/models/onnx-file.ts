// ONNX files on disk: read as bytes, with the files beside them that hold their weights, and never anything outside their folder.

import { closeSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { expected, UsageError } from "../../core/errors.ts";
import type { Warning } from "../../core/progress.ts";
import { sizeOf } from "../../core/tensor.ts";
import type { ReadExternal } from "../../graph/source/tensors.ts";
import { type ImportedNetwork, importOnnx, type OnnxOptions } from "../../nn/onnx/import.ts";
import { type Architecture, describeParameters, type Stage } from "../../nn/scope.ts";

/** Protocol buffers end here. */
const LARGEST = 2 ** 31;

export interface ReadOnnxOptions extends OnnxOptions {
  onWarning?: ((warning: Warning) => void) | undefined;
}

/**
 * The classifier in the ONNX file `file` as an architecture with its weights, for `tfmsFromModel` and `ConvLearner.pretrained`. Throws a
 * UsageError that names what in the file cannot be used, and what to do.
 */
export async function readOnnx(file: string, options: ReadOnnxOptions = {}): Promise<Architecture> {
  const { architecture, warnings } = await importFile(file, options);
  for (const warning of warnings) options.onWarning?.(warning);
  if (!options.mean || !options.std)
    options.onWarning?.({
      message: `${basename(file)} does not say how its images were normalised; ImageNet's mean and deviation are taken`,
      hint: "Give mean and std if it was trained otherwise.",
    });
  return architecture;
}

/** What an ONNX file holds, and what thaw would make of it. */
export interface OnnxSummary {
  readonly file: string;
  readonly producer: string;
  readonly opset: number;
  /** Side of the images in pixels, and channels that the body hands over. */
  readonly size: number;
  readonly features: number;
  /** How many nodes there are of each operator. */
  readonly operators: Readonly<Record<string, number>>;
  /** The value that the body ends with, and that at which the second layer group begins. */
  readonly cut: string;
  readonly split: string;
  /** Number of parameters of the two groups. */
  readonly parameters: readonly [number, number];
  /** The values at which the network can be cut, with their shapes, in order. */
  readonly cuts: readonly { readonly name: string; readonly shape: readonly (number | string)[] }[];
  /** Why parts of the body can only be frozen: operators and nodes. */
  readonly obstacles: readonly string[];
  readonly warnings: readonly Warning[];
}

/** Looks at the ONNX file `file` without training it. Throws as `readOnnx` does. */
export async function inspectOnnx(file: string, options: OnnxOptions = {}): Promise<OnnxSummary> {
  const { architecture, source, links, end, obstacles, warnings } = await importFile(file, options);
  const { body, size, features, stored } = architecture;
  const count = (stages: readonly Stage[]): number =>
    describeParameters(stages, [1, 3, size, size]).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const first = count(body.filter(({ group }) => group === 0));
  return {
    file,
    producer: source.producer,
    opset: source.opset,
    size,
    features,
    operators: countBy(source.nodes.map(({ op }) => op)),
    cut: end.name,
    split: stored.split,
    parameters: [first, count(body) - first],
    cuts: links.slice(1).map(({ name, shape }) => ({ name, shape })),
    obstacles: obstacles.map(({ reason }) => reason),
    warnings,
  };
}

function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function importFile(file: string, options: OnnxOptions): Promise<ImportedNetwork> {
  const [name, bytes] = [basename(file), await read(file)];
  try {
    return await importOnnx(name, bytes, filesBeside(file), options);
  } catch (error) {
    // What is wrong with the bytes is told without the name of their file.
    if (!(error instanceof UsageError) || error.message.includes(name)) throw error;
    throw new UsageError(`${file}: ${error.message}`, error.hint, { cause: error });
  }
}

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

/** Reads from files in the folder of `file` or below, and refuses all others. */
function filesBeside(file: string): ReadExternal {
  return (location, offset, length) => {
    const hint = "Put the model and its data files into one folder, as they were exported.";
    const folder = realpathSync(dirname(file));
    if (isAbsolute(location) || /^[A-Za-z]:|\\|\0/.test(location) || location.split("/").includes(".."))
      throw new UsageError(`${file} asks for the file "${location}", which is not in its folder`, hint);
    const path = realPath(join(folder, location));
    if (path === undefined) throw new UsageError(`${file} needs the file "${location}" beside it, which is not there`, hint);
    const inside = relative(folder, path);
    if (isAbsolute(inside) || inside.split(sep)[0] === "..")
      throw new UsageError(`${file} asks for the file "${location}", a link that leads out of its folder`, hint);
    const found = statSync(path);
    if (!found.isFile()) throw new UsageError(`${file} asks for "${location}", which is no file`, hint);
    const count = length ?? found.size - offset;
    if (count < 0 || offset + count > found.size)
      throw new UsageError(`${file} asks for bytes beyond the end of "${location}"`, "Copy both files again, or export the model again.");
    return readBytes(path, offset, count);
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
      if (read === 0) throw new UsageError(`${path} ended while it was read`, "Run the command again.");
      done += read;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}
