// The networks of a run, read or fetched before any image is looked at.

import { findWeights } from "#weights";
import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { readOnnx } from "../../learner/models/onnx-file.ts";
import { networksOfWeights, weightsIn } from "../../learner/models/pretrained.ts";
import { thawSmall } from "../../nn/architectures/thaw-small.ts";
import { architectureOf } from "../../nn/catalogue.ts";
import type { FoundWeights } from "../../nn/hub/weights.ts";
import type { Recipe } from "../file/schema.ts";
import type { TrainOptions } from "../options.ts";
import { cutOf, isOnnx, networksOf, normalizationOf, rowOf, weightsOf } from "../plan/networks.ts";
import type { Networks, OpenNetwork } from "./stage-learner.ts";

/**
 * The network of weights that are named without one: a row of the catalogue has its own, and a file shows it. Throws a UsageError for what is
 * nowhere, and for a file that fits several networks.
 */
export async function networkOfWeights(weights: string, options: Pick<TrainOptions, "offline"> & WorkOptions): Promise<string> {
  const row = rowOf(weights);
  if (row) return row.architecture;
  const { path } = await findWeights(thawSmall, weights, options);
  const [first = thawSmall, ...others] = await networksOfWeights(path);
  if (others.length === 0) return first.name;
  const names = [first, ...others].map(({ name }) => name);
  throw new UsageError(`${path} fits ${names.join(" and ")}`, "Name the one that it was trained as with --arch.");
}

/** The network that a single file of weights shows, if none is named and there is no recipe `file`. */
export async function networkShown(given: TrainOptions, file: Recipe | undefined, work: WorkOptions): Promise<Pick<TrainOptions, "arch">> {
  const { arch, weights = [], offline } = given;
  const [only, ...others] = [weights].flat();
  if (arch !== undefined || only === undefined || only === "" || others.length > 0 || file !== undefined) return {};
  return { arch: await networkOfWeights(only, { ...work, offline }) };
}

/**
 * Reads ONNX files, and finds and checks the weights of all other networks, downloading from the hub if needed. Throws a UsageError for
 * what is nowhere, and for weights of another network.
 */
export async function openNetworks(options: TrainOptions, file: Recipe | undefined, work: WorkOptions): Promise<Networks> {
  const names = networksOf(options, file);
  const named = weightsOf(options, names, file);
  const onnx = { cut: cutOf(options, file), ...normalizationOf(options, file), onWarning: work.onWarning };
  const networks = new Map<string, OpenNetwork>();
  for (const name of names) {
    const architecture = isOnnx(name) ? await readOnnx(name, onnx) : architectureOf(name);
    const complete = architecture.parameters && named[name] === undefined;
    const found: Partial<FoundWeights> = complete
      ? {}
      : await findWeights(architecture, named[name], { ...work, offline: options.offline });
    if (found.path !== undefined) await weightsIn(found.path, architecture);
    networks.set(name, { architecture, ...found });
  }
  return networks;
}
