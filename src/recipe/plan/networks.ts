// The networks of a run, their weights, where they are cut, and how their images are normalised.

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

/** Whether the user says which network to train, be it by its weights. */
export function namesNetwork({ arch, weights }: RecipeChoices): boolean {
  return arch !== undefined || weights !== undefined;
}

/** The network that `name` names, alone or by one of its rows of weights in the catalogue. */
function networkOf(name: string): string {
  return rowOf(name)?.architecture ?? architectureOf(name).name;
}

/** The catalogue's row of weights that `name` names, such as "resnet34.a1_in1k". */
export function rowOf(name: string): PublishedWeights | undefined {
  return publishedWeights.find((row) => row.name === name);
}

/** Whether a network is an ONNX file. */
export function isOnnx(network: string): boolean {
  return network.endsWith(".onnx");
}

/** Throws a UsageError for what cannot be said of the networks that are named, before anything is looked at. */
export function checkNetworks(given: RecipeChoices): void {
  // Otherwise a file of weights or a recipe may say which they are.
  if (given.arch === undefined) return;
  weightsOf(given, networksOf(given, undefined), undefined);
  cutOf(given, undefined);
  normalizationOf(given, undefined);
}

/** Where the networks that are ONNX files are cut, if that was asked for. Throws a UsageError if there are none. */
export function cutOf(given: RecipeChoices, file: Recipe | undefined): string | undefined {
  if (given.cut !== undefined && !networksOf(given, file).some(isOnnx))
    throw new UsageError(`There is no ONNX file to cut at "${given.cut}"`, "Name one with --onnx, or leave --cut out.");
  // The file's belongs to its networks.
  return given.cut ?? (given.arch === undefined ? file?.cut : undefined);
}

/** How the images of networks that are ONNX files are normalised, if that was asked for. Throws a UsageError if there are none. */
export function normalizationOf(given: RecipeChoices, file: Recipe | undefined): Pick<Recipe, "mean" | "std"> {
  if ((given.mean ?? given.std) !== undefined && !networksOf(given, file).some(isOnnx))
    throw new UsageError("--mean and --std are for ONNX files; thaw knows those of its own networks", "Leave them out.");
  const [mean, std] = (["mean", "std"] as const).map((key) => {
    const values = given[key];
    return values === undefined ? (given.arch === undefined ? file?.[key] : undefined) : perChannel(key, values);
  });
  return { ...(mean && { mean }), ...(std && { std }) };
}

function perChannel(key: "mean" | "std", values: readonly number[]): [number, number, number] {
  const [red, green = red, blue = red] = values;
  if (red === undefined || green === undefined || blue === undefined || values.length === 2 || values.length > 3)
    throw expected("three numbers, for red, green and blue, or one", `--${key}`, values);
  const [large] = values.filter((value) => Math.abs(value) > 10);
  if (large !== undefined)
    throw expected(
      "numbers for colours in [0, 1]",
      `--${key}`,
      large,
      `For colours from 0 to 255 divide by 255: --${key} ${values.map((value) => Number((value / 255).toPrecision(6))).join()}.`,
    );
  return [red, green, blue];
}

/** The weights that are named for `networks`, by network. Throws a UsageError for more of them than networks. */
export function weightsOf({ weights, arch = [] }: RecipeChoices, networks: readonly string[], file: Recipe | undefined): Recipe["weights"] {
  const files = [weights ?? []].flat();
  // Where a row has its network's name, it is the network that was named.
  const rows = [arch].flat().flatMap((name) => (rowOf(name)?.architecture === name ? [] : (rowOf(name) ?? [])));
  if (files.length > networks.length)
    throw expected(`a file for each of ${networks.join(", ")}`, "the weights", files, "Name as many networks, in the same order.");
  return {
    ...file?.weights,
    ...Object.fromEntries(rows.map(({ architecture, name }) => [architecture, name])),
    ...Object.fromEntries(files.flatMap((path, i) => (path === "" ? [] : [[networks[i], path]]))),
  };
}
