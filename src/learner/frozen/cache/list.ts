// Lists and deletes the entries of a cache folder. Both touch only what thaw writes there, whatever else lies beside it.

import * as v from "valibot";
import { parseJsonOrNothing } from "../../../core/json.ts";
import type { Store, StoreEntry } from "../../../core/store/store.ts";
import { storedFileOf, storeOf } from "../../../core/store/store-of.ts";
import { ENTRIES, entryMetadataSchema, entryPrefix, FILES, METADATA, METADATA_LIMITS } from "./entry.ts";
import { chunkName } from "./store.ts";

/** Names of entries, and of what thaw writes into one. */
const [ENTRY, OURS] = [/^([0-9a-f]{64})\.zarr\/(.*)$/, /^(zarr\.json|files\.sha256|chunks\.crc32c(\.\d+-of-\d+)?|c(\.\d+)+)$/];

const length = v.pipe(v.number(), v.integer(), v.minValue(0));
const metadataSchema = v.object({
  shape: v.pipe(v.array(length), v.minLength(1), v.maxLength(8)),
  chunk_grid: v.object({ configuration: v.object({ chunk_shape: v.pipe(v.array(length), v.minLength(1), v.maxLength(8)) }) }),
  attributes: v.object({ thaw: entryMetadataSchema }),
});

/** An entry of the cache. */
export interface CacheEntry {
  /** The hash of its content, 64 hexadecimal digits. */
  readonly key: string;
  /** Its folder. */
  readonly path: string;
  /** What it holds; undefined if the metadata are missing or damaged. */
  readonly metadata: v.InferOutput<typeof entryMetadataSchema> | undefined;
  /** Images, and those whose activations are stored. */
  readonly images: number;
  readonly done: number;
  readonly bytes: number;
  /** When a run last opened it, in milliseconds since 1970. */
  readonly used: number;
}

/** The entries in `cache`, a folder or a store, the one used last first; none if there is no such folder. */
export function listActivations(cache: string | Store): Promise<CacheEntry[]> {
  return listEntries(storeOf(cache));
}

/** The entries in `cache`, the one used last first. */
export async function listEntries(cache: Store): Promise<CacheEntry[]> {
  const values = new Map<string, Map<string, StoreEntry>>();
  for (const value of await cache.list(ENTRIES)) {
    const [, key, name] = ENTRY.exec(value.key.slice(ENTRIES.length)) ?? [];
    if (key === undefined || name === undefined) continue;
    const ours = values.get(key) ?? new Map<string, StoreEntry>();
    values.set(key, OURS.test(name) ? ours.set(name, value) : ours);
  }
  const entries = await Promise.all([...values].map(([key, ours]) => readEntry(cache, key, ours)));
  return entries.sort((a, b) => b.used - a.used || (a.key < b.key ? -1 : 1));
}

/**
 * Deletes what thaw wrote into an entry, also while a run uses it, which then computes it again. False if something else is left there. `cache`
 * is the store that the entry was listed in, if that is not a folder.
 */
export async function removeActivations({ path, key }: Pick<CacheEntry, "path" | "key">, cache?: Store): Promise<boolean> {
  const [store, prefix] = cache ? [cache, entryPrefix(key)] : inFolder(path);
  const ours = (await store.list(prefix)).filter((value) => OURS.test(value.key.slice(prefix.length)));
  for (const value of ours) await store.delete(value.key);
  return (await store.list(prefix)).length === 0;
}

/** The store of the folder of the entry at `path`, and the prefix of its keys there. */
function inFolder(path: string): [Store, string] {
  const { store, key } = storedFileOf(path);
  return [store, `${key}/`];
}

async function readEntry(cache: Store, key: string, values: ReadonlyMap<string, StoreEntry>): Promise<CacheEntry> {
  const path = cache.locate(entryPrefix(key).slice(0, -1));
  const bytes = [...values.values()].reduce((sum, value) => sum + value.bytes, 0);
  const used = Math.max(0, ...[METADATA, FILES].map((name) => values.get(name)?.modified ?? 0));
  const metadata = await readMetadata(cache, values.get(METADATA));
  if (!metadata) return { key, path, metadata: undefined, images: 0, done: 0, bytes, used };
  const [images = 0, ...itemShape] = metadata.shape;
  const rows = metadata.chunk_grid.configuration.chunk_shape[0] as number;
  const chunk = chunkName(itemShape);
  const done = [...values.keys()].reduce((sum, name) => {
    const [, number] = chunk.exec(name) ?? [];
    return number === undefined ? sum : sum + Math.max(0, Math.min(rows, images - Number(number) * rows));
  }, 0);
  return { key, path, metadata: metadata.attributes.thaw, images, done, bytes, used };
}

async function readMetadata(cache: Store, value: StoreEntry | undefined): Promise<v.InferOutput<typeof metadataSchema> | undefined> {
  if (!value || value.bytes > METADATA_LIMITS.bytes) return undefined;
  const bytes = await cache.get(value.key).catch(() => undefined);
  const found = v.safeParse(metadataSchema, parseJsonOrNothing(bytes, METADATA_LIMITS));
  return found.success ? found.output : undefined;
}
