// `thaw join`: checks the parts of all shards, and writes their rows to one file.

import { stat } from "node:fs/promises";
import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import { storeOf } from "../../core/store/store-of.ts";
import { findShards, joinShards } from "../../shards/join.ts";
import { csvHead, csvRow } from "../predict/csv.ts";
import type { Predicted, PredictedFile } from "../predict/lines.ts";
import { fileIn, readPredicted } from "../predict/read-json.ts";
import { INTERRUPTED, interruptible } from "../shared/interrupt.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { progressFor } from "../shared/progress.ts";
import { count, printLines, printRows, quantity } from "../shared/terminal.ts";
import { parquetPieces } from "./parquet.ts";

export interface JoinFlags {
  csv?: string;
  jsonl?: string;
  parquet?: string;
  force?: boolean;
  json?: boolean;
}

/** What `thaw predict --out` says its rows are. */
const aboutSchema = v.object({
  task: v.literal("predict"),
  predicted: v.object({
    kind: v.picklist(["single", "multi", "continuous"]),
    names: v.array(v.string()),
    mayBeNone: v.optional(v.boolean()),
    deviations: v.optional(v.array(v.number())),
    top: v.optional(v.number()),
  }),
});

/** Joins the parts in the folder `parts` and returns the exit code. Throws a UsageError if one is missing or damaged. */
export async function joinCommand(parts: string, { csv, jsonl, parquet, force = false, json = false }: JoinFlags): Promise<number> {
  const files = [csv, jsonl, parquet].filter((file) => file !== undefined);
  for (const file of files)
    if (!force && (await stat(file).catch(() => undefined)))
      throw new UsageError(`${file} already exists`, "Choose another file, or overwrite it with --force.");
  const store = storeOf(parts);
  const shards = await findShards(store);
  const about = v.safeParse(aboutSchema, shards.about);
  if (!about.success)
    throw new UsageError(`The parts in ${parts} are not predictions of this version of thaw`, "Predict again, into an empty folder.");
  const predicted = about.output.predicted as Predicted;
  const progress = progressFor(process.stderr);
  const { signal, release } = interruptible(() => {});
  const rows = () => joinShards(store, shards, fileIn, { signal, onProgress: (event) => progress.report(event) });
  try {
    if (csv !== undefined)
      await writeFile(
        csv,
        pieces(csvHead(predicted), rows, (line) => csvRow(readPredicted(line, predicted), predicted)),
      );
    if (jsonl !== undefined)
      await writeFile(
        jsonl,
        pieces(undefined, rows, (line) => line),
      );
    if (parquet !== undefined)
      await writeFile(parquet, { [Symbol.asyncIterator]: () => parquetPieces(read(rows(), predicted), predicted) });
    // Without a file they are read all the same: that is the check.
    if (files.length === 0) for await (const _ of rows());
  } catch (error) {
    if (!signal.aborted) throw error;
    return INTERRUPTED;
  } finally {
    progress.clear();
    release();
  }
  const { rows: photographs, failed: unreadable } = shards;
  if (json) printRows(process.stdout, [jsonLine({ shards: shards.manifests.length, photographs, unreadable, files })]);
  else
    printLines(process.stdout, [
      `${quantity(shards.manifests.length, "shard")}, ${quantity(photographs, "photograph")}, ${count(unreadable)} unreadable: ` +
        (files.length > 0 ? `written to ${files.map(printable).join(" and ")}` : "all is there"),
    ]);
  return 0;
}

async function* read(rows: AsyncIterable<string>, predicted: Predicted): AsyncGenerator<PredictedFile, void, undefined> {
  for await (const row of rows) yield readPredicted(row, predicted);
}

/** Rows that are written at once. */
const TOGETHER = 1000;

/** The lines of a file, many to a piece. */
function pieces(head: string | undefined, rows: () => AsyncIterable<string>, lineOf: (row: string) => string): AsyncIterable<string> {
  return {
    async *[Symbol.asyncIterator]() {
      let lines = head === undefined ? [] : [head];
      for await (const row of rows()) {
        lines.push(lineOf(row));
        if (lines.length < TOGETHER) continue;
        yield `${lines.join("\n")}\n`;
        lines = [];
      }
      if (lines.length > 0) yield `${lines.join("\n")}\n`;
    },
  };
}
