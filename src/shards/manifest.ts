// What the files of a shard are called, and what is written about them.

import * as v from "valibot";
import { parseJsonOrNothing } from "../core/json.ts";
import type { Store, StoreReader } from "../core/store/store.ts";
import { MOST_SHARDS, type Shard } from "./shard.ts";

/** The photographs of a part, but for the last one of a shard. */
export const PART_ROWS = 1000;

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const shardFields = {
  version: v.literal(1),
  shard: v.pipe(v.number(), v.integer(), v.minValue(1)),
  shards: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_SHARDS)),
  /** SHA-256 of what describes the work: the model, and how rows are written. */
  work: hash,
};

const partSchema = v.object({
  format: v.literal("thaw part"),
  ...shardFields,
  /** From 0. */
  part: count,
  rows: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(PART_ROWS)),
  /** Rows of photographs that could not be read. */
  failed: count,
  /** SHA-256 of the names of its photographs, each with a line feed. */
  names: hash,
  /** SHA-256 of the part. */
  content: hash,
});

const shardSchema = v.object({
  format: v.literal("thaw shard"),
  ...shardFields,
  parts: count,
  rows: count,
  failed: count,
  /** Photographs of all shards together, as this one saw them, and a sum over their names. */
  all: v.object({ photographs: count, names: count }),
  /** What the rows are: for the program that reads them. */
  about: v.unknown(),
});

/** Into how many shards the photographs of a folder of parts are divided: the first process that writes a part there says so. */
const divisionSchema = v.object({ format: v.literal("thaw division"), version: v.literal(1), shards: shardFields.shards });

export type PartManifest = v.InferOutput<typeof partSchema>;
export type ShardManifest = v.InferOutput<typeof shardSchema>;

const digits = (value: number, most: number): string => `${value}`.padStart(`${most}`.length, "0");
/** The folder of a shard, such as "shard-02-of-16". */
export const folderOf = ({ shard, shards }: Shard): string => `shard-${digits(shard, shards)}-of-${shards}`;
/** The rows of a part. Its content is in its name, so that of two processes that make the same part none can spoil the other's. */
export const partFile = ({ part, content, ...shard }: Shard & Pick<PartManifest, "part" | "content">): string =>
  `${folderOf(shard)}/part-${digits(part, 999_999)}-${content.slice(0, 16)}.jsonl`;
export const partManifest = (shard: Shard, part: number): string => `${folderOf(shard)}/part-${digits(part, 999_999)}.json`;
export const shardManifest = (shard: Shard): string => `${folderOf(shard)}/shard.json`;

export const DIVISION = "division.json";

/** The shard whose folder is called `name`; undefined if it is none. */
export function shardIn(name: string): Shard | undefined {
  const [, shard, shards] = /^shard-(\d+)-of-(\d+)$/.exec(name) ?? [];
  const found = { shard: Number(shard), shards: Number(shards) };
  return shard !== undefined && folderOf(found) === name ? found : undefined;
}

const read =
  <S extends v.GenericSchema>(schema: S) =>
  async (store: StoreReader, key: string): Promise<v.InferOutput<S> | undefined> => {
    const { success, output } = v.safeParse(schema, parseJsonOrNothing(await store.get(key), { bytes: 10_000_000 }));
    return success ? output : undefined;
  };

/** Reads the manifest at `key`; undefined if there is none, or one that a crash left incomplete. */
export const readPart = read(partSchema);
export const readShard = read(shardSchema);
const readDivision = read(divisionSchema);

/** How many shards the parts in `store` are of; undefined if there are none yet. */
export async function shardsOf(store: Store): Promise<number | undefined> {
  const division = await readDivision(store, DIVISION);
  if (division) return division.shards;
  const folders = (await store.list("shard-")).map(({ key }) => shardIn(key.split("/")[0] as string));
  return folders.find((shard) => shard !== undefined)?.shards;
}

/** What says that a folder's parts are of `shards` shards. */
export const divisionText = (shards: number): string =>
  JSON.stringify({ format: "thaw division", version: 1, shards } satisfies v.InferOutput<typeof divisionSchema>);
