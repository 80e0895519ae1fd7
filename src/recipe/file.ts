// The recipe file: every choice of a run, so that another run can repeat it. It is data, checked before anything is done with it.

import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { UsageError } from "../core/errors.ts";
import { writeFile } from "../core/files.node.ts";
import { systemCode } from "../core/system-error.ts";
import { AUGMENTATIONS, BALANCES, MIXES, OPTIMIZERS, TRAINING_STAGES } from "./names.ts";

const Whole = (least: number, most = Number.MAX_SAFE_INTEGER) => v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));
const Positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const Share = v.pipe(v.number(), v.minValue(0), v.ltValue(1));

const StageSchema = v.strictObject({
  name: v.picklist(TRAINING_STAGES),
  /** A name of `architectures`, or the path of an ONNX file. */
  network: v.string(),
  /** Width and height of the images in pixels. */
  size: Whole(32, 1024),
  /** Epochs are cycleLen · (1 + cycleMult + cycleMult² + …), one term for each cycle; the rate falls along a cosine in each. */
  cycles: Whole(1, 20),
  cycleLen: Whole(1, 10_000),
  cycleMult: Whole(1, 10),
  /** The head's learning rate; left out, the finder's. */
  lr: v.optional(Positive),
});

const RecipeSchema = v.strictObject({
  format: v.literal("thaw recipe"),
  version: v.literal(1),
  seed: Whole(0),
  threads: Whole(1),
  /** Images in a batch. */
  bs: Whole(2),
  /** Images that all layers train on at once: the gradients of a larger batch are added up in so many at a time, which takes less memory. */
  microBatch: v.optional(Whole(2)),
  augment: v.picklist(AUGMENTATIONS),
  maxZoom: v.pipe(v.number(), v.minValue(1), v.maxValue(10)),
  /** In the stages after the first: MixUp, CutMix, or both. */
  mix: v.optional(v.picklist(MIXES), "none"),
  /** Augmented views of each image whose activations `augment` computes once and goes round; 0 draws a new view in each epoch. */
  views: v.optional(Whole(0, 64), 0),
  balance: v.picklist(BALANCES),
  optimizer: v.picklist(OPTIMIZERS),
  weightDecay: v.pipe(v.number(), v.finite(), v.minValue(0)),
  labelSmoothing: Share,
  precision: v.picklist(["auto", "fp32", "int8"]),
  /** In the stage that unfreezes: the first layer group that trains, how many times slower each group learns than the next one, and whether batch norm keeps its statistics. */
  freezeTo: Whole(-10, 10),
  lrFactor: v.pipe(Positive, v.minValue(1)),
  bnFreeze: v.boolean(),
  /** Augmented views that test-time augmentation averages; 0 does without. */
  tta: Whole(0, 64),
  stages: v.pipe(v.array(StageSchema), v.minLength(1), v.readonly()),
  /** The value or node that the networks which are ONNX files end before the head with, where it is not their own. */
  cut: v.optional(v.string()),
  /** Weights by network, where they are not its first ones: a path, a row of the catalogue, or a file of the hub. */
  weights: v.record(v.string(), v.string()),
  /** The photographs it was made for: a hash of all files and labels. */
  data: v.strictObject({ fingerprint: v.string(), classes: Whole(1), train: Whole(1), valid: Whole(1) }),
  /** Why things are as they are, for people. */
  why: v.record(v.string(), v.string()),
});

export type Recipe = v.InferOutput<typeof RecipeSchema>;
export type StagePlan = Recipe["stages"][number];
export type TrainingStage = StagePlan["name"];

export const RECIPE_FILE = "recipe.json";

/** Reads and checks a recipe file; undefined where there is none. Throws a UsageError that names what is wrong with it. */
export async function readRecipe(file: string): Promise<Recipe | undefined> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw new UsageError(`Cannot read the recipe ${file}`, "Give the recipe.json of a model's folder.", { cause: error });
  });
  return text === undefined ? undefined : checkRecipe(parse(text, file), file);
}

/** Writes a recipe file whole. */
export async function writeRecipe(file: string, recipe: Recipe): Promise<void> {
  await writeFile(file, `${JSON.stringify(recipe, undefined, 2)}\n`);
}

/** `recipe` if it is one. Throws a UsageError that says where it is not, naming `file`. */
export function checkRecipe(recipe: unknown, file: string): Recipe {
  const result = v.safeParse(RecipeSchema, recipe);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue);
  throw new UsageError(`${file} is not a recipe of this version of thaw: ${place ? `${place}: ` : ""}${issue.message}`, HINT);
}

const HINT = "Give the recipe.json that a run left in its model's folder; docs/recipe.md describes its fields.";

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON`, HINT, { cause: error });
  }
}
