// What is read of a run to compare it with others.

import { readModel } from "../../classifier/read-model.ts";
import { UsageError } from "../../core/errors.ts";
import type { Store } from "../../core/store/store.ts";
import { within } from "../../core/store/within.ts";
import { type RunRecord, readRecord } from "../../recipe/record/record.ts";
import type { RunId } from "../protocol/training.ts";
import { LABELS_FILE, MODEL_FOLDER } from "./run-file.ts";
import { labelsIn } from "./training-table.ts";

/** A run that is done. */
export interface ComparedRun {
  readonly id: RunId;
  readonly classes: readonly string[];
  readonly record: RunRecord;
  /** What it learnt from: labels by the photographs' names; undefined if their table is gone or damaged. */
  readonly labels: ReadonlyMap<string, string> | undefined;
}

/** Reads the run whose folder is `store`. Throws a UsageError if its record is gone. */
export async function readComparedRun(id: RunId, store: Store): Promise<ComparedRun> {
  const model = within(store, MODEL_FOLDER);
  const [record, { description }, table] = await Promise.all([readRecord(model), readModel(model), store.get(LABELS_FILE)]);
  if (!record) throw new UsageError("The run has no record any more", "Its files were changed: delete it.");
  return { id, record, classes: description.classes, labels: table && labelsIn(table) };
}
