// Where a learner starts: the body's weights from a file, the head from a seeded draw.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { UsageError } from "../core/errors.ts";
import { zeros } from "../core/tensor.ts";
import { architectures } from "../nn/catalogue.ts";
import { initialiseParameters } from "../nn/initialise.ts";
import { readSafetensors } from "../nn/safetensors.ts";
import { type Architecture, describeParameters, type Parameters, parameterOf } from "../nn/scope.ts";
import { loadBody } from "../nn/weights.ts";
import type { Network } from "./network.ts";

const withWeights = architectures.filter(({ shipped }) => shipped !== undefined).map(({ name }) => name);

/**
 * The parameters of `network`: its body's from the safetensors file `weights`, or from those that ship with thaw where none is named, its
 * head's drawn with `seed`. Throws a UsageError for a file that does not fit, and where none is named and none ships.
 */
export async function startParameters(network: Network, weights: string | undefined, seed: number): Promise<Parameters> {
  const { architecture, stages } = network;
  const file = weights ?? shippedWeights(architecture);
  const body = loadBody(architecture, readSafetensors(await read(file), file), file);
  const specs = describeParameters(stages, [1, 3, architecture.size, architecture.size]).filter((spec) => !body.has(spec.name));
  return new Map([...body, ...initialiseParameters(specs, seed, "head")]);
}

/**
 * The parameters with zeros in the last layer, for targets scaled to mean 0: every prediction starts as the mean of the data, where random
 * weights would start several standard deviations off and spend the first epochs on the way back.
 */
export function startingFromMean({ head }: Network, parameters: Parameters): Parameters {
  const last = `head.fc${head.hidden.length}.weight`;
  return new Map(parameters).set(last, zeros("float32", parameterOf(parameters, last).shape));
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
