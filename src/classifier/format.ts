// What a saved model is: a folder with model.json (what it is and how to prepare its input) and weights.safetensors. Data, never code.

import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { UsageError } from "../core/errors.ts";
import { writeFile } from "../core/files.ts";
import { hashBytes } from "../core/hash.ts";
import { architectureOf } from "../nn/catalogue.ts";
import { createCustomHead } from "../nn/custom-head.ts";
import { cutBody } from "../nn/cut-body.ts";
import { createHead } from "../nn/head.ts";
import { readSafetensors, writeSafetensors } from "../nn/safetensors.ts";
import { type Architecture, describeParameters, type Parameters, type Stage } from "../nn/scope.ts";
import { matchParameters } from "../nn/weights.ts";
import { type HeadDescription, HeadSchema } from "./head-description.ts";

export const MODEL_FILE = "model.json";
export const WEIGHTS_FILE = "weights.safetensors";

const Positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const Channels = v.pipe(v.tuple([v.number(), v.number(), v.number()]), v.readonly());
const Columns = v.pipe(v.array(v.pipe(v.number(), v.finite())), v.readonly());

/** What the outputs mean where they are not the logits of one class per image. */
const TargetSchema = v.variant("kind", [
  /** Any number of labels: each has the sigmoid of its output as probability, and is predicted from `threshold` on. */
  v.object({ kind: v.literal("multi"), threshold: v.pipe(v.number(), v.gtValue(0), v.ltValue(1)) }),
  /** Numbers: output · std + mean for each column. */
  v.object({ kind: v.literal("continuous"), mean: Columns, std: Columns }),
]);

const ModelSchema = v.object({
  format: v.literal("thaw"),
  /** 2 where there is a `target`, which readers of version 1 would take for one class per image. */
  version: v.picklist([1, 2]),
  architecture: v.string(),
  head: HeadSchema,
  classes: v.pipe(v.array(v.string()), v.minLength(1), v.readonly()),
  target: v.optional(TargetSchema),
  /** What a picture goes through before the network: its short side scaled to `size`, the centre cut out, RGB normalised. */
  preprocessing: v.object({
    size: v.pipe(Positive, v.maxValue(4096)),
    crop: v.picklist(["center", "none"]),
    pad: v.pipe(v.number(), v.integer(), v.minValue(0)),
    interpolation: v.literal("bilinear"),
    antialias: v.literal(true),
    mean: Channels,
    std: Channels,
  }),
  weights: v.object({ file: v.literal(WEIGHTS_FILE), sha256: v.string() }),
  /** How it was trained, for people; nothing reads it back to compute. */
  training: v.record(v.string(), v.unknown()),
});

/** The contents of model.json. */
export type ModelDescription = v.InferOutput<typeof ModelSchema>;

export interface SavedModel {
  readonly description: ModelDescription;
  readonly parameters: Parameters;
}

/** The stages of a network with its head, in order: body, pooling, head. Throws a UsageError for a head that does not fit. */
export function networkStages(architecture: Architecture, head: HeadDescription, classes: number): readonly Stage[] {
  const { body, features } = cutBody(architecture, head.xtraCut);
  if ("layers" in head) return [...body, ...createCustomHead(head.layers, classes)];
  return [...body, ...createHead({ features, classes, ps: head.ps, hidden: head.hidden })];
}

/** Writes a model folder: built beside its place and moved there whole, so that a reader never sees half a model. */
export async function writeModel(
  folder: string,
  description: Omit<ModelDescription, "format" | "version" | "weights">,
  parameters: Parameters,
): Promise<void> {
  const weights = writeSafetensors(parameters);
  const model: ModelDescription = {
    format: "thaw",
    version: description.target ? 2 : 1,
    ...description,
    weights: { file: WEIGHTS_FILE, sha256: hashBytes(weights) },
  };
  const [fresh, old] = [`${folder}.new`, `${folder}.old`];
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  await writeFile(join(fresh, WEIGHTS_FILE), weights);
  await writeFile(join(fresh, MODEL_FILE), `${JSON.stringify(model, undefined, 2)}\n`);
  await rm(old, { recursive: true, force: true });
  await rename(folder, old).catch(ignoreMissing);
  await rename(fresh, folder);
  await rm(old, { recursive: true, force: true });
}

/** Reads and checks a model folder. Throws a UsageError naming the file for anything that is missing, damaged or not a model of thaw. */
export async function readModel(folder: string): Promise<SavedModel> {
  const file = join(folder, MODEL_FILE);
  const description = parse(file, await read(file, folder));
  const weightsFile = join(folder, WEIGHTS_FILE);
  const bytes = await read(weightsFile, folder);
  if (hashBytes(bytes) !== description.weights.sha256) {
    throw new UsageError(
      `${weightsFile} does not belong to ${file}: its SHA-256 differs`,
      "Copy the whole model folder again, or train again.",
    );
  }
  const architecture = architectureOf(description.architecture);
  const { size } = description.preprocessing;
  const specs = describeParameters(networkStages(architecture, description.head, description.classes.length), [1, 3, size, size]);
  return { description, parameters: matchParameters(specs, readSafetensors(bytes, weightsFile), weightsFile) };
}

async function read(file: string, folder: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(`${folder} is not a model folder: cannot read ${file}`, "Give the folder that `thaw train` printed at its end.", {
      cause: error,
    });
  }
}

function parse(file: string, bytes: Uint8Array): ModelDescription {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new UsageError(`${file} is not JSON`, "The file is damaged: copy the model folder again, or train again.", { cause: error });
  }
  const result = v.safeParse(ModelSchema, json);
  const problem = result.success
    ? mismatchIn(result.output)
    : `${v.getDotPath(result.issues[0]) ?? "the file"}: ${result.issues[0].message}`;
  if (result.success && problem === undefined) return result.output;
  throw new UsageError(
    `${file} is not a model of this version of thaw: ${problem}`,
    "Train again, or use the version of thaw that wrote it.",
  );
}

/** What in a model does not fit together. */
function mismatchIn({ version, classes, target }: ModelDescription): string | undefined {
  if (version !== (target ? 2 : 1)) return `version: ${version} with${target ? "" : "out"} a target`;
  if (target === undefined && classes.length < 2) return "classes: Invalid length: Expected >=2 but received 1";
  if (target?.kind === "continuous" && (target.mean.length !== classes.length || target.std.length !== classes.length))
    return "target: not as many numbers as classes";
  return undefined;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
