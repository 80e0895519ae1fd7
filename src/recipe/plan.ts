// The recipe of a run before it begins: what was asked for, then what a recipe file says, then what thaw chooses.

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { expected, UsageError } from "../core/errors.ts";
import { architectureOf } from "../nn/catalogue.ts";
import { type PublishedWeights, publishedWeights } from "../nn/published/published.ts";
import { thawSmall } from "../nn/thaw-small.ts";
import { chooseFor, cyclesFor, cyclesOf, type Facts } from "./choices.ts";
import { checkRecipe, type Recipe, type StagePlan, type TrainingStage } from "./file.ts";
import { TRAINING_STAGES } from "./names.ts";
import type { Settings } from "./options.ts";

const VIEWS = 4;
/** Where the choice was somebody's, this is why. */
const [ASKED, FILE] = ["as asked", "from the recipe file"];

/** Side in pixels of the images that a network was trained on. */
export type SizeOf = (network: string) => number;

/** The recipe for data of which `facts` are known. Throws a UsageError for settings that cannot be. */
export function planRecipe(given: Settings, file: Recipe | undefined, facts: Facts, data: Recipe["data"], sizeOf: SizeOf): Recipe {
  const chosen = chooseFor(facts);
  const why: Record<string, string> = {};
  const choose = <Key extends keyof Settings & keyof Recipe>(key: Key, fallback: Recipe[Key], reason?: string): Recipe[Key] => {
    const asked = given[key] as Recipe[Key] | undefined;
    const value = asked ?? file?.[key] ?? fallback;
    const said = asked !== undefined ? ASKED : file ? FILE : reason;
    if (said !== undefined) why[key] = said;
    return value;
  };
  const { stages, reasons } = planStages(given, file, facts, sizeOf);
  const cut = cutOf(given, file);
  const recipe: Recipe = {
    format: "thaw recipe",
    version: 1,
    seed: choose("seed", 42),
    threads: choose("threads", availableParallelism()),
    bs: choose("bs", chosen.bs, chosen.why.bs),
    microBatch: choose("microBatch", chosen.microBatch),
    augment: choose("augment", "side-on"),
    maxZoom: choose("maxZoom", 1.1),
    mix: choose("mix", "none"),
    views: choose("views", 0),
    balance: choose("balance", chosen.balance, chosen.why.balance),
    optimizer: choose("optimizer", "sgd"),
    weightDecay: choose("weightDecay", 0),
    labelSmoothing: choose("labelSmoothing", 0),
    precision: choose("precision", "auto"),
    freezeTo: choose("freezeTo", 0),
    lrFactor: choose("lrFactor", 10),
    bnFreeze: choose("bnFreeze", chosen.bnFreeze, chosen.why.bnFreeze),
    tta: given.tta ?? (given.stages ? (given.stages.includes("tta") ? VIEWS : 0) : (file?.tta ?? VIEWS)),
    stages,
    ...(cut !== undefined && { cut }),
    weights: weightsOf(given, networksOf(given, file), file),
    data,
    why: { ...why, ...reasons },
  };
  if (recipe.balance !== "none" && facts.classCounts.length === 0)
    throw new UsageError(`The balance "${recipe.balance}" needs images with one class each`, "Leave --balance out.");
  if (recipe.views > 0 && (recipe.mix === "cutmix" || recipe.mix === "both"))
    throw new UsageError("CutMix needs images, and with --views the head trains on activations", "Use --mix mixup, or leave --views out.");
  return checkRecipe(recipe, "What was asked for");
}

/** The networks of a run, in their order: names, and paths of ONNX files. Throws a UsageError for a name that nobody knows. */
export function networksOf({ arch }: Settings, file: Recipe | undefined): readonly string[] {
  if (arch !== undefined) return [arch].flat().map((name) => (isOnnx(name) ? resolve(name) : networkOf(name)));
  return file ? [...new Set(file.stages.map(({ network }) => network))] : [thawSmall.name];
}

/** The network that `name` names, alone or by weights of its own in the catalogue. */
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

/** Where the networks that are ONNX files are cut, if that is said. Throws a UsageError where there are none. */
export function cutOf(given: Settings, file: Recipe | undefined): string | undefined {
  if (given.cut !== undefined && !networksOf(given, file).some(isOnnx))
    throw new UsageError(`There is no ONNX file to cut at "${given.cut}"`, "Name one with --onnx, or leave --cut out.");
  // The file's belongs to its networks.
  return given.cut ?? (given.arch === undefined ? file?.cut : undefined);
}

/** What is said about the weights of `networks`, by network. Throws a UsageError for more of them than networks. */
export function weightsOf({ weights, arch = [] }: Settings, networks: readonly string[], file: Recipe | undefined): Recipe["weights"] {
  const files = [weights ?? []].flat();
  const rows = [arch].flat().flatMap((name) => rowOf(name) ?? []);
  if (files.length > networks.length)
    throw expected(`a file for each of ${networks.join(", ")}`, "the weights", files, "Name as many networks, in the same order.");
  return {
    ...file?.weights,
    ...Object.fromEntries(rows.map(({ architecture, name }) => [architecture, name])),
    ...Object.fromEntries(files.flatMap((path, i) => (path === "" ? [] : [[networks[i], existsSync(path) ? resolve(path) : path]]))),
  };
}

/** The first network goes through all sizes, further ones begin at the last. */
function roundsOf(
  given: Settings,
  networks: readonly string[],
  file: Recipe | undefined,
  sizeOf: SizeOf,
): readonly { network: string; size: number }[] {
  const sizes = given.sizes ?? (given.size === undefined ? undefined : [given.size]);
  const ofFile = file && given.arch === undefined ? [...new Set(file.stages.map(({ size }) => size))] : undefined;
  return networks.flatMap((network, i) => {
    const all = sizes ?? ofFile ?? [sizeOf(network)];
    return (i === 0 ? all : all.slice(-1)).map((size) => ({ network, size }));
  });
}

function planStages(
  given: Settings,
  file: Recipe | undefined,
  { train }: Facts,
  sizeOf: SizeOf,
): { stages: readonly StagePlan[]; reasons: Record<string, string> } {
  const same = given.arch === undefined && given.sizes === undefined && given.size === undefined && given.stages === undefined;
  const asked = given.stages?.filter((name) => name !== "tta");
  const names = TRAINING_STAGES.filter((name) => asked?.includes(name) ?? file?.stages.some((stage) => stage.name === name) ?? true);
  if (names.length === 0) throw new UsageError("There is no stage that trains", `Name at least one of ${TRAINING_STAGES.join(", ")}.`);
  const planned: readonly StagePlan[] =
    file && same
      ? file.stages
      : roundsOf(given, networksOf(given, file), file, sizeOf).flatMap(({ network, size }) =>
          names.map((name) => {
            const before = file?.stages.find((stage) => stage.name === name && stage.network === network && stage.size === size);
            const { why: _, ...cycles } = cyclesFor(name, train);
            return before ?? { name, network, size, ...cycles };
          }),
        );
  const epochs = spread(given.epochs, planned, names, "epochs");
  const lrs = spread(given.lrs, planned, names, "learning rates");
  const stages = planned.map((stage, i) => ({
    ...stage,
    ...(epochs && cyclesOf(stage.name, epochs[i] as number)),
    ...(lrs && { lr: lrs[i] as number }),
  }));
  const reason = given.epochs ? ASKED : file ? FILE : cyclesFor(names[0] as TrainingStage, train).why;
  return { stages, reasons: { epochs: reason, ...(given.lrs && { lr: ASKED }) } };
}

/** One value for each of `stages`, of one for all, one for each name, or one for each. */
function spread(
  values: readonly number[] | undefined,
  stages: readonly StagePlan[],
  names: readonly TrainingStage[],
  what: string,
): readonly number[] | undefined {
  if (values === undefined) return undefined;
  if (values.length === 1) return stages.map(() => values[0] as number);
  if (values.length === stages.length) return values;
  if (values.length === names.length) return stages.map(({ name }) => values[names.indexOf(name)] as number);
  throw expected(
    `1 or ${names.length} numbers`,
    what,
    values.length,
    `The training stages are ${names.join(", ")}: give a number for each, or one for all.`,
  );
}
