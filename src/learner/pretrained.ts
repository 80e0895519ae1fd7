// Where a learner starts: the body's weights from a file, the head from a seeded draw.

import { readFile } from "node:fs/promises";
import { UsageError } from "../core/errors.ts";
import { initialiseParameters } from "../nn/initialise.ts";
import { readSafetensors } from "../nn/safetensors.ts";
import { describeParameters, type Parameters } from "../nn/scope.ts";
import { loadBody } from "../nn/weights.ts";
import type { Network } from "./network.ts";

/** The parameters of `network`: its body's from the safetensors file `weights`, its head's drawn with `seed`. Throws a UsageError for a file that does not fit. */
export async function startParameters(network: Network, weights: string, seed: number): Promise<Parameters> {
  const { architecture, stages } = network;
  const body = loadBody(architecture, readSafetensors(await read(weights), weights), weights);
  const specs = describeParameters(stages, [1, 3, architecture.size, architecture.size]).filter((spec) => !body.has(spec.name));
  return new Map([...body, ...initialiseParameters(specs, seed, "head")]);
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(`Cannot read the weights file ${file}`, "Give the path of a safetensors file.", { cause: error });
  }
}
