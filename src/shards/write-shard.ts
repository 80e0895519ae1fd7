// Writes a shard: part after part, each once. What a killed process finished is kept, and what is complete is not done again.

import { UsageError } from "../core/errors.ts";
import { hashBytes, hashJson, hashPieces } from "../core/hash.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { Store } from "../core/store/store.ts";
import {
  DIVISION,
  divisionText,
  PART_ROWS,
  type PartManifest,
  partFile,
  partManifest,
  readPart,
  readShard,
  type ShardManifest,
  shardManifest,
  shardsOf,
} from "./manifest.ts";
import { divide, type ShardNames } from "./names.ts";
import type { Shard } from "./shard.ts";

/** A row of a part: a line of JSON, and whether it says that the photograph could not be read. */
export interface Row {
  readonly line: string;
  readonly failed: boolean;
}

export interface ShardWork {
  readonly store: Store;
  readonly shard: Shard;
  /** The names of all photographs, of which the shard's are taken, in any order; or the shard's, as `divide` found them. */
  readonly names: Iterable<string> | AsyncIterable<string> | ShardNames;
  /** What decides the rows, beside the photographs: parts of other work are refused. */
  readonly work: unknown;
  /** What the rows are, for the program that reads them. */
  readonly about: unknown;
  /** The rows of photographs, in their order. */
  rows(names: readonly string[], signal: AbortSignal | undefined): AsyncIterable<Row>;
}

/** Does a shard, or the rest of it, and returns its manifest. Throws a UsageError if other parts are in its place, or the photographs changed. */
export async function writeShard(
  { store, shard, names, work, about, rows }: ShardWork,
  { signal, onProgress }: WorkOptions = {},
): Promise<ShardManifest> {
  const identity = { version: 1, ...shard, work: hashJson(work) } as const;
  const { own, all } = "own" in names ? names : (await divide(names, shard.shards, shard.shard)).of(shard.shard);
  let division = await shardsOf(store);
  checkDivision(store, shard, division);
  const before = await readShard(store, shardManifest(shard));
  if (before) {
    check(before, identity, store, shardManifest(shard));
    if (before.rows === own.length && before.all.names === all.names && before.all.photographs === all.photographs) return before;
    throw changed(store, shardManifest(shard));
  }
  const sums = { parts: 0, rows: 0, failed: 0 };
  for (let start = 0; start < own.length; start += PART_ROWS) {
    signal?.throwIfAborted();
    const wanted = own.slice(start, start + PART_ROWS);
    let part = await finishedPart(store, identity, sums.parts, wanted);
    if (!part) {
      const made = await madeRows(rows(wanted, signal), signal);
      if (division === undefined) await claimDivision(store, shard);
      division = shard.shards;
      part = await writePart(store, identity, sums.parts, wanted, made);
    }
    sums.parts++;
    sums.rows += part.rows;
    sums.failed += part.failed;
    onProgress?.({ task: "Writing parts", done: sums.rows, total: own.length, unit: "photographs" });
  }
  const manifest: ShardManifest = { format: "thaw shard", ...identity, ...sums, all, about };
  await store.put(shardManifest(shard), JSON.stringify(manifest));
  return manifest;
}

/** Says in `store` what the parts there are of, before the first of them, unless that is said; throws a UsageError if they are of another division. */
async function claimDivision(store: Store, shard: Shard): Promise<void> {
  if (await store.create(DIVISION, divisionText(shard.shards))) return;
  const theirs = await shardsOf(store);
  checkDivision(store, shard, theirs);
  // A crash left it incomplete; then parts, if there are any, are of this division.
  if (theirs === undefined) await store.put(DIVISION, divisionText(shard.shards));
}

function checkDivision(store: Store, { shards }: Shard, theirs: number | undefined): void {
  if (theirs === undefined || theirs === shards) return;
  throw new UsageError(
    `The parts in ${store.locate()} are of ${theirs} ${theirs === 1 ? "shard" : "shards"}, and not of ${shards}`,
    `Go on with them, such as with --shard 1/${theirs}; or choose another folder with --out.`,
  );
}

type Identity = Pick<PartManifest, "version" | "shard" | "shards" | "work">;

const encoder = new TextEncoder();

const hashNames = (names: readonly string[]): string => hashPieces(names.map((name) => `${name}\n`));

/** A part that an earlier process finished; undefined if it has to be made. */
async function finishedPart(store: Store, identity: Identity, part: number, names: readonly string[]): Promise<PartManifest | undefined> {
  const key = partManifest(identity, part);
  const found = await readPart(store, key);
  if (!found) return undefined;
  check(found, identity, store, key);
  if (found.names !== hashNames(names)) throw changed(store, key);
  return found;
}

async function madeRows(rows: AsyncIterable<Row>, signal: AbortSignal | undefined): Promise<readonly Row[]> {
  const made: Row[] = [];
  for await (const row of rows) made.push(row);
  signal?.throwIfAborted();
  return made;
}

async function writePart(
  store: Store,
  identity: Identity,
  part: number,
  names: readonly string[],
  made: readonly Row[],
): Promise<PartManifest> {
  const text = made.map(({ line }) => `${line}\n`).join("");
  const manifest: PartManifest = {
    format: "thaw part",
    ...identity,
    part,
    rows: made.length,
    failed: made.filter(({ failed }) => failed).length,
    names: hashNames(names),
    content: hashBytes(encoder.encode(text)),
  };
  const key = partManifest(identity, part);
  // The rows before their manifest: what has a manifest is whole.
  await store.put(partFile(manifest), text);
  if (await store.create(key, JSON.stringify(manifest))) return manifest;
  // Another process does the same shard, and was faster; or a crash left the manifest incomplete.
  const theirs = await finishedPart(store, identity, part, names);
  if (!theirs) await store.put(key, JSON.stringify(manifest));
  if (!theirs || theirs.content === manifest.content) return manifest;
  await store.delete(partFile(manifest));
  throw new UsageError(
    `${store.locate(partManifest(identity, part))} was written by another process, with other results`,
    "Give each shard to one process, with the same model, photographs and kind of machine.",
  );
}

function check(found: Identity, identity: Identity, store: Store, key: string): void {
  if (found.shard === identity.shard && found.shards === identity.shards && found.work === identity.work) return;
  throw new UsageError(`${store.locate(key)} was made with another model or other options`, "Choose another folder with --out.");
}

function changed(store: Store, key: string): UsageError {
  return new UsageError(
    `The photographs are not those of ${store.locate(key)}`,
    "Choose another folder with --out, or put the photographs back as they were.",
  );
}
