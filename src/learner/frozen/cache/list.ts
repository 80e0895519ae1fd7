// What a cache folder holds, and how entries are deleted. Both look at nothing but what thaw writes there, whatever else lies beside it.

import { lstat, readdir, readFile, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { systemCode, writeError } from "../../../core/system-error.ts";
import { entryMetadataSchema, FILES, METADATA } from "./entry.ts";
import { chunkName } from "./store.ts";

/** Names of entries, and of what thaw writes into one, also when a killed run left it unfinished. */
const [ENTRY, OURS] = [/^([0-9a-f]{64})\.zarr$/, /^(zarr\.json|files\.sha256|c(\.\d+)+)(\.\d+)?$/];
/** Metadata beyond this many bytes are not thaw's. */
const LONGEST = 1e6;

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
  /** What it holds; undefined where the metadata are not there yet, or damaged. */
  readonly metadata: v.InferOutput<typeof entryMetadataSchema> | undefined;
  /** Images, and those whose activations are there. */
  readonly images: number;
  readonly done: number;
  readonly bytes: number;
  /** When a run last opened it, in milliseconds since 1970. */
  readonly used: number;
}

/** The entries in the cache folder `folder`, the one used last first; none where there is no such folder. */
export async function listActivations(folder: string): Promise<CacheEntry[]> {
  const path = join(folder, "activations");
  const names = await readdir(path, { withFileTypes: true }).catch((error) => {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return [];
    throw error;
  });
  const entries: CacheEntry[] = [];
  // A link is no entry, wherever it leads.
  for (const { name } of names.filter((entry) => entry.isDirectory())) {
    const key = ENTRY.exec(name)?.[1];
    if (key !== undefined) entries.push(await readEntry(join(path, name), key));
  }
  return entries.sort((a, b) => b.used - a.used || (a.key < b.key ? -1 : 1));
}

/** Deletes what thaw wrote into an entry, also while a run uses it, which then computes it again. False where something else is left there. */
export async function removeActivations({ path }: Pick<CacheEntry, "path">): Promise<boolean> {
  try {
    for (const name of await ourFiles(path)) await unlink(join(path, name));
    await rmdir(path);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return true;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw writeError(error, path);
  }
}

async function readEntry(path: string, key: string): Promise<CacheEntry> {
  const names = await ourFiles(path);
  const stats = await Promise.all(names.map((name) => lstat(join(path, name)).catch(() => undefined)));
  const bytes = stats.reduce((sum, stat) => sum + (stat?.size ?? 0), 0);
  const used = Math.max(0, ...[METADATA, FILES].map((name) => stats[names.indexOf(name)]?.mtimeMs ?? 0));
  const metadata = await readMetadata(join(path, METADATA));
  if (!metadata) return { key, path, metadata: undefined, images: 0, done: 0, bytes, used };
  const [images = 0, ...itemShape] = metadata.shape;
  const rows = metadata.chunk_grid.configuration.chunk_shape[0] as number;
  const chunk = chunkName(itemShape);
  const done = names.reduce((sum, name) => {
    const [, number, unfinished] = chunk.exec(name) ?? [];
    return number === undefined || unfinished ? sum : sum + Math.max(0, Math.min(rows, images - Number(number) * rows));
  }, 0);
  return { key, path, metadata: metadata.attributes.thaw, images, done, bytes, used };
}

async function readMetadata(file: string): Promise<v.InferOutput<typeof metadataSchema> | undefined> {
  try {
    const { size } = await lstat(file);
    return size > LONGEST ? undefined : v.parse(metadataSchema, JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}

async function ourFiles(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && OURS.test(entry.name)).map(({ name }) => name);
}
