// The networks of a run, their weights, and where they are cut.

import { expected, UsageError } from "../../core/errors.ts";
import { thawSmall } from "../../nn/architectures/thaw-small.ts";
import { architectureOf } from "../../nn/catalogue.ts";
import { type PublishedWeights, publishedWeights } from "../../nn/published/published.ts";
import type { RecipeChoices } from "../choices/choice-table.ts";
import type { Recipe } from "../file/schema.ts";

/** The networks of a run, in their order: names, and paths of ONNX files. Throws a UsageError for an unknown name. */
export function networksOf({ arch }: RecipeChoices, file: Recipe | undefined): readonly string[] {
  if (arch !== undefined) return [arch].flat().map((name) => (isOnnx(name) ? name : networkOf(name)));
  return file ? [...new Set(file.stages.map(({ network }) => network))] : [thawSmall.name];
}

/** The network that `name` names, alone or by one of its rows of weights in the catalogue. */
function networkOf(name: string): string {
  return rowOf(name)?.architecture ?? architectureOf(name).name;
}

/** The catalogue's row of weights that `name` names, such as "resnet34.a1_in1k". */
function rowOf(name: string): PublishedWeights | undefined {
  return publishedWeights.find((row) => row.name === name);
}

/** Whether a network is an ONNX file. */
export function isOnnx(network: string): boolean {
  return network.endsWith(".onnx");
}

/** Where the networks that are ONNX files are cut, if that was asked for. Throws a UsageError if there are none. */
export function cutOf(given: RecipeChoices, file: Recipe | undefined): string | undefined {
  if (given.cut !== undefined && !networksOf(given, file).some(isOnnx))
    throw new UsageError(`There is no ONNX file to cut at "${given.cut}"`, "Name one with --onnx, or leave --cut out.");
  // The file's belongs to its networks.
  return given.cut ?? (given.arch === undefined ? file?.cut : undefined);
}

/** The weights that are named for `networks`, by network. Throws a UsageError for more of them than networks. */
export function weightsOf({ weights, arch = [] }: RecipeChoices, networks: readonly string[], file: Recipe | undefined): Recipe["weights"] {
  const files = [weights ?? []].flat();
  const rows = [arch].flat().flatMap((name) => rowOf(name) ?? []);
  if (files.length > networks.length)
    throw expected(`a file for each of ${networks.join(", ")}`, "the weights", files, "Name as many networks, in the same order.");
  return {
    ...file?.weights,
    ...Object.fromEntries(rows.map(({ architecture, name }) => [architecture, name])),
    ...Object.fromEntries(files.flatMap((path, i) => (path === "" ? [] : [[networks[i], path]]))),
  };
}
