// The parameters that a learner starts with: the body's from a file, the head's from a seeded draw.

import { storage } from "#storage";
import { findWeights } from "#weights";
import { UsageError } from "../../core/errors.ts";
import { fileName } from "../../core/file-name.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { type Tensor, zeros } from "../../core/tensor.ts";
import { initialiseParameters } from "../../nn/initialise.ts";
import { adaptInput } from "../../nn/input-channels.ts";
import { readSafetensors } from "../../nn/safetensors.ts";
import { type Architecture, type Parameters, parameterOf } from "../../nn/scope.ts";
import { isIndex, readShards } from "../../nn/shards.ts";
import { bodyParameters, loadBody, networksThatFit } from "../../nn/weights.ts";
import { type Network, outputParameters, parametersOf } from "../network.ts";

/** What `startParameters` needs beside the network. */
export interface StartOptions extends Pick<WorkOptions, "onProgress" | "onWarning" | "signal"> {
  /** Path, row of the catalogue or file of the hub with the body's weights, as `findWeights` takes it, or the file itself. */
  readonly weights?: string | Blob | undefined;
  readonly offline?: boolean | undefined;
  /** Normalisation of the data, which is compared with that of the weights. */
  readonly statistics?: { readonly mean: readonly number[]; readonly std: readonly number[] };
  readonly seed: number;
}

/**
 * The parameters of `network`: its body's from `weights`, by default those that it was read with, that ship with thaw or that are
 * published; its head's drawn with `seed`. Throws a UsageError for weights that do not fit, and if there are none.
 */
export async function startParameters(network: Network, { seed, ...options }: StartOptions): Promise<Parameters> {
  const { architecture } = network;
  const rgb = (options.weights === undefined && architecture.parameters) || (await loadWeights(architecture, options));
  const body = adaptInput(bodyParameters(architecture), rgb, network.channels);
  const specs = parametersOf(network);
  const head = initialiseParameters(
    specs.filter(({ name }) => !body.has(name)),
    seed,
    "head",
  );
  return new Map(specs.map(({ name }) => [name, body.get(name) ?? parameterOf(head, name)]));
}

async function loadWeights(
  architecture: Architecture,
  { weights, statistics, ...options }: Omit<StartOptions, "seed">,
): Promise<Parameters> {
  if (weights instanceof Blob) {
    const name = "the given weights";
    return loadBody(architecture, readSafetensors(new Uint8Array(await weights.arrayBuffer()), name), name);
  }
  const { path, bytes, row } = await findWeights(architecture, weights, options);
  // Weights adapted to other channels have no statistics of their own.
  const comparable = row && statistics?.mean.length === row.mean.length;
  if (comparable && (row.mean.join() !== statistics.mean.join() || row.std.join() !== statistics.std.join()))
    options.onWarning?.({
      message: `${row.name} was trained on images normalised with mean ${row.mean.join(", ")} and deviation ${row.std.join(", ")}, not as the data is`,
      hint: "Make the transforms with tfmsFromStats and these numbers.",
    });
  return bytes && !isIndex(path) ? loadBody(architecture, readSafetensors(bytes, path), path) : weightsIn(path, architecture);
}

/** The body's parameters in the weights file `path`. Throws a UsageError if it cannot be read, or holds another network's. */
export async function weightsIn(path: string, architecture: Architecture): Promise<Parameters> {
  return loadBody(architecture, await readWeights(path), path);
}

/** The networks of the catalogue whose weights are in the file `path`. Throws a UsageError if it cannot be read. */
export async function networksOfWeights(path: string): Promise<readonly Architecture[]> {
  return networksThatFit(await readWeights(path));
}

/**
 * The parameters with zeros in the last layer, for targets scaled to mean 0: every prediction starts as the mean of the data. Random
 * weights would start several standard deviations off and spend the first epochs on the way back.
 */
export function startingFromMean(network: Network, parameters: Parameters): Parameters {
  const weights = outputParameters(network).filter(({ kind }) => kind === "weight");
  return new Map([...parameters, ...weights.map(({ name, shape }) => [name, zeros("float32", shape)] as const)]);
}

/** The tensors of a safetensors file, or of all those that an index names. */
async function readWeights(path: string): Promise<Map<string, Tensor<"float32">>> {
  if (!isIndex(path)) return readSafetensors(await read(path), path);
  const beside = (file: string): string => path.slice(0, path.length - fileName(path).length) + file;
  return readShards(await read(path), path, (file) => read(beside(file)));
}

async function read(file: string): Promise<Uint8Array> {
  const unreadable = (cause?: unknown): UsageError =>
    new UsageError(`Cannot read the weights file ${file}`, "Give the path of a safetensors file.", { cause });
  const { store, key } = storage.fileReader(file);
  const bytes = await store.get(key).catch((cause) => {
    throw unreadable(cause);
  });
  if (!bytes) throw unreadable();
  return bytes;
}
