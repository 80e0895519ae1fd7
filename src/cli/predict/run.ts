// `thaw predict`: names the class of photographs, their labels or numbers, one row or line of JSON each; a file that cannot be read does
// not stop the rest.

import { stat } from "node:fs/promises";
import type { Classifier } from "../../classifier/classifier.ts";
import type { Regressor } from "../../classifier/regressor.ts";
import { expected, UsageError } from "../../core/errors.ts";
import type { Warning } from "../../core/progress.ts";
import { isS3Address } from "../../core/store/s3/address.ts";
import { placeIn } from "../../core/store/s3/place-in.node.ts";
import { fileAt } from "../../data/files/remote.node.ts";
import { parseShard } from "../../shards/shard.ts";
import { INTERRUPTED, interruptible } from "../shared/interrupt.ts";
import { type FoundFile, namesOnInput, photographsIn } from "../shared/photographs/files.ts";
import type { ListFlags } from "../shared/photographs/lists.ts";
import { checkNamed, namesInLists } from "../shared/photographs/names.ts";
import { paintFor, printLines, printRows } from "../shared/terminal.ts";
import { warningLines } from "../shared/warning.ts";
import { csvHead, csvRow } from "./csv.ts";
import { type Gathering, gatheredInTime } from "./gathered.ts";
import { type PredictedFile, predictColumns, predictHead, predictJson, predictRow } from "./lines.ts";

export interface PredictFlags extends ListFlags {
  part?: string;
  threads?: number;
  top?: number;
  csv?: boolean;
  json?: boolean;
  out?: string;
  shard?: string;
  /** The address of a queue; true for one in this process. */
  queue?: string | true;
  shards?: number;
  workers?: number;
  detach?: boolean;
}

/** Predicts `paths`, files or folders, with the model in the folder `model`; returns 0, 1 if a path failed, or 130 after Ctrl-C. */
export async function predictCommand(model: string, paths: readonly string[], flags: PredictFlags): Promise<number> {
  const { list, column, ...alone } = flags;
  const lists: ListFlags = { ...(list && { list }), ...(column !== undefined && { column }) };
  checkNamed(paths, lists);
  if (alone.queue !== undefined) return predictByQueue(model, paths, lists, { ...alone, queue: alone.queue });
  const { json = false, csv = false, top, part, out, shard, shards, workers, detach, queue: _, ...options } = alone;
  const useless = [shards !== undefined && "--shards", workers !== undefined && "--workers", detach && "--detach"].find((flag) => flag);
  if (useless)
    throw new UsageError(
      `${useless} needs a queue`,
      "Add --queue, with the address of a PostgreSQL database for workers on other machines.",
    );
  const place = out === undefined ? undefined : { out, shard: parseShard(shard ?? "1/1", process.env) };
  if (shard !== undefined && !place) throw new UsageError("--shard needs a folder for its parts", "Name one with --out.");
  if (csv && place)
    throw new UsageError("--csv prints, and --out writes parts", "Make the table of all parts: thaw join <folder> --csv <file>.");
  if (place) {
    const { loadModel } = await import("../../classifier/classifier.ts");
    const loaded = await loadModel(model, options);
    try {
      const { predictedBy } = await import("./predicted.ts");
      const { predictShard } = await import("./run-shard.ts");
      const named = part === undefined ? paths : await Promise.all(paths.map((path) => partOf(path, part)));
      return await predictShard({
        ...place,
        model: loaded,
        predicted: predictedBy(loaded.description, top),
        paths: named,
        lists,
        json,
        warn,
      });
    } finally {
      await loaded.dispose();
    }
  }
  const partIn = async (path: string) => (part === undefined ? path : partOf(path, part));
  const known = await Promise.all(paths.map((path) => (path === "-" ? path : partIn(path))));
  const found = foundIn(known, partIn, lists);
  // Only a table has to know all names before the first.
  const chunks = json || csv ? gatheredInTime(found, TOGETHER) : whole(found);
  try {
    // Names that are a mistake are told before the model is loaded.
    let some = await chunks.next();
    const { loadModel } = await import("../../classifier/classifier.ts");
    const loaded = await loadModel(model, options);
    const { predictedBy } = await import("./predicted.ts");
    const predicted = predictedBy(loaded.description, top);
    const { signal, release } = interruptible(() => paths.includes("-") && process.stdin.destroy());
    const paint = paintFor(process.stdout, process.env);
    const columns = predictColumns(
      (some.value ?? []).map(({ file }) => file),
      predicted,
      paint,
    );
    let failed = false;
    try {
      if (csv) printRows(process.stdout, [csvHead(predicted)]);
      else if (!json) printLines(process.stdout, predictHead(columns, predicted, paint));
      for (; !some.done; some = await chunks.next())
        for await (const result of resultsOf(some.value, loaded, signal)) {
          failed ||= "error" in result;
          if (json) printRows(process.stdout, [predictJson(result, predicted)]);
          else if (csv) printRows(process.stdout, [csvRow(result, predicted)]);
          else printLines(process.stdout, predictRow(columns, result, predicted, paint));
        }
      return failed ? 1 : 0;
    } catch (error) {
      if (!signal.aborted) throw error;
      return INTERRUPTED;
    } finally {
      release();
      await loaded.dispose();
    }
  } finally {
    // A name that is still waited for may never come.
    if (paths.includes("-")) process.stdin.destroy();
    await chunks.return();
  }
}

/** Names that are predicted at once, and for how long the first of them waits for others. */
const TOGETHER: Gathering = { most: 1000, patience: 100 };

/** What `paths` name, with what `partIn` makes of each name on standard input, and then what `lists` do. */
async function* foundIn(
  paths: readonly string[],
  partIn: (path: string) => Promise<string>,
  lists: ListFlags,
): AsyncGenerator<FoundFile, void, undefined> {
  yield* photographsIn(
    namesOnInput(paths, () => process.stdin.setEncoding("utf8"), partIn),
    warn,
  );
  for await (const file of namesInLists(lists)) yield { file };
}

/** All of `found` at once. */
async function* whole(found: AsyncIterable<FoundFile>): AsyncGenerator<readonly FoundFile[], void, undefined> {
  const all: FoundFile[] = [];
  for await (const file of found) all.push(file);
  if (all.length > 0) yield all;
}

function warn(warning: Warning): void {
  printLines(process.stderr, warningLines(warning, paintFor(process.stderr, process.env)));
}

async function predictByQueue(
  model: string,
  paths: readonly string[],
  lists: ListFlags,
  flags: PredictFlags & { queue: string | true },
): Promise<number> {
  const { queue, out, shard, csv, part, shards, top, workers, threads, detach = false, json = false } = flags;
  if (out === undefined) throw new UsageError("--queue needs a folder for the parts", "Name one with --out.");
  if (shard !== undefined) throw new UsageError("--shard and --queue divide the photographs in two ways", "Leave out one of them.");
  if (csv) throw new UsageError("--csv prints, and --queue writes parts", "Make the table of all parts: thaw join <folder> --csv <file>.");
  if (paths.includes("-"))
    throw new UsageError("Workers cannot read the names on this command's standard input", "Name the folders that the photographs are in.");
  const { isQueueAddress } = await import("../../queue/open.node.ts");
  if (queue !== true && !isQueueAddress(queue))
    throw expected(
      "the address of a PostgreSQL database, such as postgres://user@host/database, or nothing",
      "--queue",
      queue,
      "A path goes before the options.",
    );
  const address = queue === true ? undefined : queue;
  const named = part === undefined ? paths : await Promise.all(paths.map((path) => partOf(path, part)));
  const { predictQueued } = await import("./run-queue.ts");
  return predictQueued(model, named, lists, { address, out, shards, top, workers, threads, detach, json, warn });
}

/** The folder `part` in `folder`. Throws a UsageError if there is none. */
async function partOf(folder: string, part: string): Promise<string> {
  const path = placeIn(folder, part);
  if (isS3Address(path) || (await stat(path).catch(() => undefined))?.isDirectory()) return path;
  throw new UsageError(`${folder} has no folder "${part}"`, "--part names a folder in each of the folders to predict.");
}

/** The results of all paths in their order: predictions for files that exist, errors for others. */
async function* resultsOf(found: readonly FoundFile[], model: Classifier | Regressor, signal: AbortSignal): AsyncIterable<PredictedFile> {
  const files = found.filter(({ error }) => error === undefined).map(({ file }) => fileAt(file));
  const results: AsyncIterable<PredictedFile> = model.predictFiles(files, { signal });
  const predictions = results[Symbol.asyncIterator]();
  for (const { file, error } of found) {
    if (error !== undefined) {
      yield { file, error };
      continue;
    }
    const next = await predictions.next();
    if (next.done) throw signal.reason ?? new Error(`no prediction came for ${file}`);
    yield next.value;
  }
  await predictions.return?.();
}
