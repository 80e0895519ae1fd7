// What the studio knows about a run before any event of it: a small file in the run's folder.

import * as v from "valibot";
import { parseJsonOrNothing } from "../../core/json.ts";
import type { Store } from "../../core/store/store.ts";
import type { TrainRequest } from "../protocol/training.ts";

export const RUN_FILE = "studio-run.json";
/** The events of a run, one in each line. */
export const EVENTS_FILE = "events.jsonl";
/** The labels that a run learns from. */
export const LABELS_FILE = "labels.csv";
/** The folder of the model. */
export const MODEL_FOLDER = "model";

const FORMAT = "thaw studio run";
const LIMITS = { bytes: 10_000_000, values: 1_000_000 };
const MOST_CHARACTERS = 200;

const Schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  name: v.pipe(v.string(), v.maxLength(MOST_CHARACTERS)),
  started: v.pipe(v.number(), v.minValue(0)),
  request: v.looseObject({ time: v.optional(v.number()), choices: v.optional(v.looseObject({})) }),
  /** Rows of the labels that are validated on. */
  valid: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});

export interface RunFile {
  readonly name: string;
  /** In milliseconds since 1970. */
  readonly started: number;
  readonly request: TrainRequest;
  readonly valid: readonly number[];
}

/** The file of a run whose folder is `store`; undefined if there is none that can be read. */
export async function readRunFile(store: Store): Promise<RunFile | undefined> {
  const bytes = await store.get(RUN_FILE).catch(() => undefined);
  const parsed = v.safeParse(Schema, parseJsonOrNothing(bytes, LIMITS));
  if (!parsed.success) return undefined;
  const { name, started, request, valid } = parsed.output;
  return { name, started, request: request as TrainRequest, valid };
}

export function writeRunFile(store: Store, file: RunFile): Promise<void> {
  return store.put(RUN_FILE, JSON.stringify({ format: FORMAT, version: 1, ...file }));
}

/** The name of a run as it is kept. */
export function checkedRunName(name: string): string {
  return name.trim().slice(0, MOST_CHARACTERS);
}
