// A saved model is a folder with model.json (its description, with the preprocessing) and weights.safetensors: data, never code. This file
// defines model.json: its schema, how older versions are upgraded, and what is refused. docs/models.md describes every field.

import * as v from "valibot";
import { UsageError } from "../core/errors.ts";
import { parseJson } from "../core/json.ts";
import { thawSmallFirst } from "../nn/architectures/thaw-small-first.ts";
import { FastaiHead, HeadSchema } from "./head-description.ts";

export const MODEL_FILE = "model.json";
export const WEIGHTS_FILE = "weights.safetensors";
/** The body of a network that came from an ONNX file, without its weights. */
export const NETWORK_FILE = "network.onnx";
/** What predicting needs; not every model has a network file. */
export const MODEL_FILES = [MODEL_FILE, WEIGHTS_FILE, NETWORK_FILE] as const;

/** The version that this thaw writes; it reads all versions up to it. */
const VERSION = 4;
/** A description with a hundred thousand classes has a few megabytes. */
const [LARGEST_DESCRIPTION, MOST_VALUES, MOST_CLASSES] = [16_000_000, 500_000, 100_000];

const LARGEST_CHANNELS = 1024;

const Positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const Finite = v.pipe(v.number(), v.finite(), v.minValue(-1e9), v.maxValue(1e9));
const Deviation = v.pipe(v.number(), v.minValue(1e-6), v.maxValue(1e9));
/** Of a column in its own unit, which may be a second since 1970 or a millionth of a metre; single precision ends at 3e38. */
const ColumnMean = v.pipe(v.number(), v.minValue(-1e30), v.maxValue(1e30));
const ColumnDeviation = v.pipe(v.number(), v.minValue(1e-30), v.maxValue(1e30));
const Inside = v.pipe(v.number(), v.gtValue(0), v.ltValue(1));

/** The meaning of the outputs if they are not the logits of one class per image. */
const TargetSchema = v.variant("kind", [
  /** Any number of labels: a label's probability is the sigmoid of its output, and it is predicted from `threshold` on. */
  v.strictObject({ kind: v.literal("multi"), threshold: Inside }),
  /** Numbers: output · std + mean for each column. */
  v.strictObject({
    kind: v.literal("continuous"),
    mean: v.pipe(v.array(ColumnMean), v.readonly()),
    std: v.pipe(v.array(ColumnDeviation), v.readonly()),
  }),
]);

const common = {
  format: v.literal("thaw"),
  architecture: v.string(),
  classes: v.pipe(
    v.array(v.pipe(v.string(), v.nonEmpty("Expected a name"))),
    v.minLength(1),
    v.maxLength(MOST_CLASSES),
    v.check((names) => new Set(names).size === names.length, "Expected unique names"),
    v.readonly(),
  ),
  /** How a picture is prepared for the network: its short side scaled to `size`, the centre cut out, RGB normalised. */
  preprocessing: v.strictObject({
    size: v.pipe(Positive, v.maxValue(4096)),
    crop: v.picklist(["center", "none"]),
    pad: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4096)),
    interpolation: v.literal("bilinear"),
    antialias: v.literal(true),
    /** One for each channel: three are red, green and blue, one is grey. */
    mean: v.pipe(v.array(Finite), v.minLength(1), v.maxLength(LARGEST_CHANNELS), v.readonly()),
    std: v.pipe(v.array(Deviation), v.minLength(1), v.maxLength(LARGEST_CHANNELS), v.readonly()),
  }),
  weights: v.strictObject({ file: v.literal(WEIGHTS_FILE), sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) }),
  /** How it was trained, for information only. */
  training: v.record(v.string(), v.unknown()),
};

/** A body from an ONNX file: that file, the form of its output, and where the second layer group begins. */
const network = {
  file: v.literal(NETWORK_FILE),
  sha256: common.weights.entries.sha256,
  split: v.string(),
};
const calibration = { temperature: v.pipe(v.number(), v.minValue(1e-3), v.maxValue(1e3)), noneBelow: v.optional(Inside) };

const ModelSchema = v.strictObject({
  ...common,
  version: v.literal(VERSION),
  head: HeadSchema,
  target: v.optional(TargetSchema),
  network: v.optional(
    v.strictObject({
      ...network,
      form: v.picklist(["map", "map-last", "tokens", "tokens-last", "patches", "patches-last", "vector"]),
    }),
  ),
  /**
   * Fitted on the validation set: outputs are divided by `temperature`; no class is predicted below `noneBelow`, nor, if the weights hold
   * what the model knows of its classes, farther from them than `known.limit`, within which the share `known.keep` of the photographs lay.
   */
  calibration: v.optional(
    v.strictObject({
      ...calibration,
      known: v.optional(
        v.strictObject({
          limit: v.pipe(v.number(), v.minValue(1e-6), v.maxValue(1e6)),
          keep: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
        }),
      ),
    }),
  ),
});

/**
 * The older versions' schemas: 1 had only one class per image, 2 added other kinds of targets, 3 calibration and custom heads, 4 what is
 * known of the classes, bodies of patches without a class token, and the second edition of thaw_small.
 */
const OLDER: Readonly<Record<number, v.GenericSchema<unknown, object>>> = {
  1: v.strictObject({ ...common, version: v.literal(1), head: FastaiHead }),
  2: v.strictObject({ ...common, version: v.literal(2), head: FastaiHead, target: TargetSchema }),
  3: v.strictObject({
    ...common,
    version: v.literal(3),
    head: HeadSchema,
    target: v.optional(TargetSchema),
    network: v.optional(v.strictObject({ ...network, form: v.picklist(["map", "map-last", "tokens", "tokens-last", "vector"]) })),
    calibration: v.optional(v.strictObject(calibration)),
  }),
};

/** Networks that older versions called by a name that is another network's now. */
const RENAMED: ReadonlyMap<string, string> = new Map([["thaw_small", thawSmallFirst.name]]);

/** The contents of model.json. */
export type ModelDescription = v.InferOutput<typeof ModelSchema>;

/**
 * Fitted on the validation set: outputs are divided by `temperature`; an image whose best probability is below `noneBelow`, or that lies
 * farther from the known classes than `known.limit`, has no class.
 */
export type Calibration = NonNullable<ModelDescription["calibration"]>;

/** The contents of a model.json that differ between models. */
export type ModelContents = Omit<ModelDescription, "format" | "version" | "weights" | "network">;

/**
 * The model.json with `contents` and the weights' SHA-256 `sha256`; `network` describes a body that came from an ONNX file.
 * Throws a UsageError for contents that readers would refuse.
 */
export function describeModel(contents: ModelContents, sha256: string, network?: ModelDescription["network"]): ModelDescription {
  const weights = { file: WEIGHTS_FILE, sha256 };
  return checked({ format: "thaw", version: VERSION, ...contents, ...(network && { network }), weights }, unsavable);
}

/** Throws the UsageError with which `describeModel` would refuse `contents`. */
export function checkContents(contents: ModelContents): void {
  describeModel(contents, "0".repeat(64));
}

/** Parses a model.json, called `file` in errors, of any version up to the current one. Throws a UsageError for anything invalid. */
export function parseDescription(bytes: Uint8Array, file: string): ModelDescription {
  const json = parseJson(
    bytes,
    { bytes: LARGEST_DESCRIPTION, values: MOST_VALUES },
    (reason, cause) => new UsageError(`${file} ${reason}`, "The file is damaged: copy the model folder again, or train again.", { cause }),
  );
  const version = versionOf(json);
  if (version !== undefined && version > VERSION)
    throw new UsageError(
      `${file} was made by a newer thaw: its format is version ${version}, and this thaw reads up to version ${VERSION}`,
      "Update thaw: npm install thaw@latest.",
    );
  const older = version === undefined ? undefined : OLDER[version];
  const refuse = (problem: string): UsageError => unreadable(file, problem);
  return checked(older ? upgraded(check(older, json, refuse)) : json, refuse);
}

/** A description of an older version, which its schema has checked, as this version writes it. */
function upgraded(description: object): object {
  const { architecture } = description as Pick<ModelDescription, "architecture">;
  return { ...description, version: VERSION, architecture: RENAMED.get(architecture) ?? architecture };
}

function versionOf(json: unknown): number | undefined {
  const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown };
  return format === "thaw" && typeof version === "number" && Number.isInteger(version) ? version : undefined;
}

/** The error for a description with `problem`. */
type Refuse = (problem: string) => UsageError;

function checked(json: unknown, refuse: Refuse): ModelDescription {
  const model = check(ModelSchema, json, refuse) as ModelDescription;
  const problem = mismatchIn(model);
  if (problem !== undefined) throw refuse(problem);
  return model;
}

function check<Output>(schema: v.GenericSchema<unknown, Output>, json: unknown, refuse: Refuse): Output {
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  throw refuse(`${v.getDotPath(result.issues[0]) ?? "the file"}: ${result.issues[0].message}`);
}

function unsavable(problem: string): UsageError {
  return new UsageError(
    `A model of this data and network cannot be saved: ${problem}`,
    "docs/models.md says what each field may hold: change the data or the setting that the field comes from.",
  );
}

function unreadable(file: string, problem: string): UsageError {
  return new UsageError(
    `${file} is not a model of this version of thaw: ${problem}`,
    "The file is damaged or was changed: copy the model folder again, or train again.",
  );
}

/** The contradictions within a model. */
function mismatchIn({ classes, target, calibration, preprocessing }: ModelDescription): string | undefined {
  if (preprocessing.mean.length !== preprocessing.std.length) return "preprocessing: not as many deviations as means";
  if (target === undefined && classes.length < 2) return "classes: Invalid length: Expected >=2 but received 1";
  if (target?.kind === "continuous") {
    if (target.mean.length !== classes.length || target.std.length !== classes.length) return "target: not as many numbers as classes";
    if (calibration) return "calibration: numbers have no probabilities";
  }
  if (target && calibration?.noneBelow !== undefined) return "calibration.noneBelow: only for models with one class per image";
  if (target && calibration?.known) return "calibration.known: only for models with one class per image";
  return undefined;
}
