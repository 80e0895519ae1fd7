// The record of a run: everything that a report is made of, stored with the model as run.json.

import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import type { Store, StoreReader } from "../../core/store/store.ts";
import { readerOf } from "../../core/store/store-of.ts";
import type { DataProblems } from "../../interpret/data-problems.ts";
import type { Sched } from "../../learner/callbacks/recorder.ts";
import type { LrFinderResult } from "../../learner/lr-find/finder.ts";
import type { TtaPredictions } from "../../learner/predict/predictions.ts";
import type { DoneEvent, RecipeEvent } from "../events.ts";
import type { Recipe } from "../file/schema.ts";
import type { Given } from "./repeat-command.ts";

export const RECORD_FILE = "run.json";
/** The page about a run, beside its record. */
export const REPORT_FILE = "report.html";

/** The finder's curve, as it is stored. */
export type Curve = Pick<LrFinderResult, "lrs" | "losses" | "suggestions">;

/** What a stage leaves for charts. */
export interface StageRecord {
  /** Index of the stage in the recipe. */
  readonly stage: number;
  readonly name: string;
  /** The finder's curve, if a rate was searched for. */
  readonly finder: Curve | undefined;
  /** Rate, momentum and loss of every batch. */
  readonly sched: Pick<Sched, "lrs" | "momentums" | "losses" | "phaseEnds" | "validLosses"> | undefined;
}

/** Predictions for the validation images by the saved weights: probabilities, or numbers, row by row. */
export interface RecordedPredictions {
  readonly files: readonly string[];
  readonly targets: readonly number[];
  readonly outputs: readonly number[];
  /** The mean over augmented views; undefined without test-time augmentation. */
  readonly tta: readonly number[] | undefined;
}

export interface RunRecord {
  readonly format: "thaw run";
  readonly version: 1;
  /** What it learnt from, as the user gave it. */
  readonly given: Given;
  /** The folder that the predictions' files lie in, relative to the model's. */
  readonly photographs?: string | undefined;
  readonly recipe: Recipe;
  /** All events of the run but progress, in order. */
  readonly events: readonly RecipeEvent[];
  readonly stages: readonly StageRecord[];
  readonly predictions: RecordedPredictions;
  /** Photographs that the saved model predicts in a second, from file to answer, on the machine of the run. */
  readonly imagesPerSecond: number;
  /** The heads of the lists of what is doubted in the data. */
  readonly problems?: DataProblems | undefined;
}

const RecordSchema = v.looseObject({
  format: v.literal("thaw run"),
  version: v.literal(1),
  imagesPerSecond: v.number(),
  given: v.looseObject({ folder: v.string() }),
  events: v.array(v.looseObject({ event: v.string() })),
});

/** Predictions as a record holds them: six digits are enough to rank images. */
export function recordedPredictions({ files, targets, targetValues, probabilities, values, stack }: TtaPredictions): RecordedPredictions {
  const short = (numbers: Float32Array): readonly number[] => Array.from(numbers, (value) => Number(value.toPrecision(6)));
  const mean = values ?? probabilities;
  // The first view is the plain one; without views there is nothing else.
  const [plain] = stack;
  return { files, targets: [...(targetValues ?? targets)], outputs: short(plain ?? mean), tta: plain && short(mean) };
}

/** Writes the record of the model in `store`. */
export async function writeRecord(store: Store, record: RunRecord): Promise<void> {
  await store.put(RECORD_FILE, JSON.stringify(record));
}

/** Reads the record of the model in `place`, a folder or a store; undefined if it has none. Throws a UsageError for a file that is not a record. */
export function readRecord(place: string | StoreReader): Promise<RunRecord | undefined> {
  return storedRecord(readerOf(place));
}

/** Reads the record of the model in `store`, as readRecord does. */
export async function storedRecord(store: StoreReader): Promise<RunRecord | undefined> {
  const bytes = await store.get(RECORD_FILE);
  if (!bytes) return undefined;
  const file = store.locate(RECORD_FILE);
  const json = parseJson(bytes, LIMITS, (reason, cause) => new UsageError(`${file} ${reason}`, "Train again.", { cause }));
  const { success, output, issues } = v.safeParse(RecordSchema, json);
  if (success) return output as unknown as RunRecord;
  throw new UsageError(
    `${file} is not the record of a run of this version of thaw: ${v.getDotPath(issues[0]) ?? "the file"}: ${issues[0].message}`,
    "Train again.",
  );
}

/** The predictions of a large validation set for many classes are most of a record. */
const LIMITS = { bytes: 512_000_000, values: 60_000_000 };

/** How the run ended. */
export function doneOf(record: RunRecord | undefined): DoneEvent | undefined {
  const last = record?.events.at(-1);
  return last?.event === "done" ? last : undefined;
}
