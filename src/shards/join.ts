// Joins the parts of all shards: checks that each is there, once and whole, and gives the rows in the order of the photographs' names.

import { UsageError } from "../core/errors.ts";
import { hashBytes } from "../core/hash.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { Store } from "../core/store/store.ts";
import {
  folderOf,
  type PartManifest,
  partFile,
  partManifest,
  readPart,
  readShard,
  type ShardManifest,
  shardIn,
  shardManifest,
} from "./manifest.ts";
import type { Shard } from "./shard.ts";

/** All shards of a work, each complete. */
export interface Shards {
  readonly manifests: readonly ShardManifest[];
  readonly rows: number;
  readonly failed: number;
  /** What the rows are, as writeShard was told. */
  readonly about: unknown;
}

/** Shards that a message names before it counts the rest. */
const MOST_NAMED = 10;

/** Finds the shards in `store`. Throws a UsageError that says what is missing, or does not belong together. */
export async function findShards(store: Store): Promise<Shards> {
  const folders = new Set((await store.list("shard-")).map(({ key }) => key.split("/", 1)[0] as string));
  const shards = [...folders].map(shardIn).filter((shard) => shard !== undefined);
  const [first] = shards;
  if (!first)
    throw new UsageError(`There are no parts in ${store.locate()}`, "Name the folder that thaw predict --shard wrote with --out.");
  const others = shards.find((shard) => shard.shards !== first.shards);
  if (others)
    throw new UsageError(
      `${store.locate()} has ${folderOf(first)} and ${folderOf(others)}, which are of two divisions`,
      "Delete the folders of one of them.",
    );
  const missing: number[] = [];
  const manifests: ShardManifest[] = [];
  for (let shard = 1; shard <= first.shards; shard++) {
    const manifest = await readShard(store, shardManifest({ shard, shards: first.shards }));
    if (manifest) manifests.push(manifest);
    else missing.push(shard);
  }
  if (missing.length > 0) throw incomplete(store, first.shards, missing);
  checkTogether(manifests as [ShardManifest, ...ShardManifest[]], store);
  const sum = (field: "rows" | "failed"): number => manifests.reduce((total, manifest) => total + manifest[field], 0);
  return { manifests, rows: sum("rows"), failed: sum("failed"), about: manifests[0]?.about };
}

function incomplete(store: Store, shards: number, missing: readonly number[]): UsageError {
  const named = missing.slice(0, MOST_NAMED).map((shard) => `${shard}/${shards}`);
  const more = missing.length - named.length;
  return new UsageError(
    `${missing.length} of ${shards} shards in ${store.locate()} ${missing.length === 1 ? "is" : "are"} not complete: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
    `Run ${missing.length === 1 ? "it" : "them"} again, such as with --shard ${named[0]}: what is finished is kept.`,
  );
}

function checkTogether(manifests: readonly [ShardManifest, ...ShardManifest[]], store: Store): void {
  const [first] = manifests;
  const again = "Run all shards with the same model and photographs, into an empty folder.";
  for (const manifest of manifests) {
    const [one, other] = [shardManifest(first), shardManifest(manifest)].map((key) => store.locate(key)) as [string, string];
    if (manifest.work !== first.work) throw new UsageError(`${one} and ${other} were made with different models or options`, again);
    if (manifest.all.photographs !== first.all.photographs || manifest.all.names !== first.all.names)
      throw new UsageError(`${one} and ${other} were made of different photographs`, again);
  }
}

/** A row, with the name of its photograph, by which rows are sorted. */
interface NamedRow {
  readonly name: string;
  readonly line: string;
}

/**
 * The lines of all parts, sorted by the name of the photograph that `nameOf` finds in a line. Holds one part of each shard in memory. Throws a
 * UsageError that names a part that is missing or damaged.
 */
export async function* joinShards(
  store: Store,
  { manifests, rows: total }: Shards,
  nameOf: (line: string) => string,
  { signal, onProgress }: WorkOptions = {},
): AsyncIterable<string> {
  const sources = manifests.map((manifest) => rowsOf(store, manifest, nameOf));
  const heads = (await Promise.all(sources.map((source) => source.next()))).map(({ value }) => value as NamedRow | undefined);
  for (let done = 1; ; done++) {
    let least = -1;
    for (const [i, head] of heads.entries()) if (head && (least < 0 || head.name < (heads[least] as NamedRow).name)) least = i;
    if (least < 0) return;
    signal?.throwIfAborted();
    yield (heads[least] as NamedRow).line;
    heads[least] = (await (sources[least] as AsyncGenerator<NamedRow>).next()).value as NamedRow | undefined;
    if (done % REPORTED === 0 || done === total) onProgress?.({ task: "Joining", done, total, unit: "rows" });
  }
}

const REPORTED = 1000;

async function* rowsOf(store: Store, manifest: ShardManifest, nameOf: (line: string) => string): AsyncGenerator<NamedRow, undefined> {
  let rows = 0;
  for (let part = 0; part < manifest.parts; part++) {
    const lines = await partLines(store, manifest, part, manifest.work);
    const named = lines.map((line) => ({ name: nameOf(line), line }));
    rows += named.length;
    yield* named;
  }
  if (rows !== manifest.rows) throw damaged(store, shardManifest(manifest), manifest);
  return undefined;
}

async function partLines(store: Store, shard: Shard, part: number, work: string): Promise<readonly string[]> {
  const key = partManifest(shard, part);
  const found: PartManifest | undefined = await readPart(store, key);
  if (!found || found.part !== part || found.shard !== shard.shard || found.shards !== shard.shards || found.work !== work)
    throw damaged(store, key, shard);
  const file = partFile(found);
  const bytes = await store.get(file);
  if (!bytes || hashBytes(bytes) !== found.content) throw damaged(store, file, shard);
  const lines = new TextDecoder().decode(bytes).split("\n").slice(0, -1);
  if (lines.length !== found.rows) throw damaged(store, file, shard);
  return lines;
}

function damaged(store: Store, key: string, shard: Shard): UsageError {
  return new UsageError(
    `${store.locate(key)} is missing or damaged`,
    `Delete ${store.locate(folderOf(shard))} and run --shard ${shard.shard}/${shard.shards} again.`,
  );
}
