// Where a learner starts: the body's weights from a file, the head from a seeded draw.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { UsageError } from "../core/errors.ts";
import { zeros } from "../core/tensor.ts";
import { architectures } from "../nn/catalogue.ts";
import { initialiseParameters } from "../nn/initialise.ts";
import { readSafetensors } from "../nn/safetensors.ts";
import { type Architecture, type Parameters, parameterOf } from "../nn/scope.ts";
import { loadBody } from "../nn/weights.ts";
import { type Network, outputParameters, parametersOf } from "./network.ts";

const withWeights = architectures.filter(({ shipped }) => shipped !== undefined).map(({ name }) => name);

/**
 * The parameters of `network`: its body's from the safetensors file `weights`, or from those that ship with thaw where none is named, its
 * head's drawn with `seed`. Throws a UsageError for a file that does not fit, and where none is named and none ships.
 */
export async function startParameters(network: Network, weights: string | undefined, seed: number): Promise<Parameters> {
  const { architecture } = network;
  const file = weights ?? shippedWeights(architecture);
  const body = loadBody(architecture, readSafetensors(await read(file), file), file);
  const specs = parametersOf(network);
  const head = initialiseParameters(
    specs.filter(({ name }) => !body.has(name)),
    seed,
    "head",
  );
  return new Map(specs.map(({ name }) => [name, body.get(name) ?? parameterOf(head, name)]));
}

/**
 * The parameters with zeros in the last layer, for targets scaled to mean 0: every prediction starts as the mean of the data, where random
 * weights would start several standard deviations off and spend the first epochs on the way back.
 */
export function startingFromMean(network: Network, parameters: Parameters): Parameters {
  const weights = outputParameters(network).filter(({ kind }) => kind === "weight");
  return new Map([...parameters, ...weights.map(({ name, shape }) => [name, zeros("float32", shape)] as const)]);
}

/** Path of the pretrained weights of `architecture` that ship with thaw. Throws a UsageError that names the cure where there are none. */
export function shippedWeights({ name, shipped }: Architecture): string {
  if (shipped !== undefined) return fileURLToPath(new URL(`../../weights/${shipped}`, import.meta.url));
  throw new UsageError(
    `There are no weights for ${name} here`,
    `Give its safetensors file, or choose a network whose weights ship with thaw: ${withWeights.join(", ")}.`,
  );
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(`Cannot read the weights file ${file}`, "Give the path of a safetensors file.", { cause: error });
  }
}
