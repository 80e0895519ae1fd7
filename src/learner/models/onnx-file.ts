// Reads ONNX files as architectures, and describes them.

import { openOnnx } from "#open-onnx";
import { UsageError } from "../../core/errors.ts";
import type { Warning } from "../../core/progress.ts";
import { sizeOf } from "../../core/tensor.ts";
import type { ImportedNetwork, OnnxOptions } from "../../nn/onnx/import.ts";
import { type Architecture, describeParameters, type Stage } from "../../nn/scope.ts";

export interface ReadOnnxOptions extends OnnxOptions {
  onWarning?: ((warning: Warning) => void) | undefined;
}

/**
 * The classifier in the ONNX file `file` as an architecture with its weights, for `tfmsFromModel` and `ConvLearner.pretrained`. Throws a
 * UsageError that names what cannot be used in the file, and the remedy.
 */
export async function readOnnx(file: string, options: ReadOnnxOptions = {}): Promise<Architecture> {
  const { architecture, warnings } = await importFile(file, options);
  for (const warning of warnings) options.onWarning?.(warning);
  return architecture;
}

/** What an ONNX file holds, and what thaw would make of it. */
export interface OnnxSummary {
  readonly file: string;
  readonly producer: string;
  readonly opset: number;
  /** Side of the images in pixels, and channels of the body's output. */
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

/** Describes the ONNX file `file` without training it. Throws as `readOnnx` does. */
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
  // Loaded apart: most pages that train never read an ONNX file.
  const { importOnnx } = await import("../../nn/onnx/import.ts");
  const { name, bytes, external } = await openOnnx(file);
  try {
    return await importOnnx(name, bytes, external, options);
  } catch (error) {
    // Errors about the bytes do not name their file.
    if (!(error instanceof UsageError) || error.message.includes(name)) throw error;
    throw new UsageError(`${file}: ${error.message}`, error.hint, { cause: error });
  }
}
