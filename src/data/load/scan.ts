// Looks at every image once before any training: what cannot be read is found now and not in the third epoch, and each image gets its hash.

import * as v from "valibot";
import { files } from "#files";
import { pool } from "#load";
import { UsageError } from "../../core/errors.ts";
import { hashJson } from "../../core/hash.ts";
import { parseJsonOrNothing } from "../../core/json.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { Store, StoredFile } from "../../core/store/store.ts";
import { storeOf } from "../../core/store/store-of.ts";
import type { ImageFacts, Item, ScannedItem } from "../dataset/items.ts";
import type { KeptPixels } from "../dataset/kept-pixels.ts";
import { atOnce, type Failure, withFile } from "./image-file.ts";
import { mapLimited } from "./limiter.ts";

export interface ScanOptions extends WorkOptions {
  /** Folder or store of the findings, by path, length and time of change; without it every scan decodes every image. */
  cache?: string | Store | undefined;
  /** Keeps the pixels that it wants of the images that are decoded. */
  kept?: KeptPixels | undefined;
}

// The number is raised when what a scan finds changes, which makes older caches void.
const VERSION = 4;
/** Name, length in bytes and time of change, then what was found: hash, width and height, or why the image cannot be read. Short, for millions. */
const file = [v.string(), v.number(), v.number()] as const;
const rowSchema = v.union([v.strictTuple([...file, v.string(), v.number(), v.number()]), v.strictTuple([...file, v.string()])]);
const cacheSchema = v.object({ version: v.literal(VERSION), entries: v.array(rowSchema) });
const LIMITS = { bytes: 512_000_000, values: 30_000_000 };

interface Entry {
  readonly length: number;
  readonly changed: number;
  readonly found: ImageFacts | Failure;
}

/**
 * Decodes every item in the worker threads; gives for each, in order, its hash and size, or the reason why it cannot be read. Throws the
 * reason of `signal` if that is aborted; findings until then are stored in the cache.
 */
export async function scanItems(
  items: readonly Item[],
  { cache, kept, onProgress, signal }: ScanOptions = {},
): Promise<(ImageFacts | Failure)[]> {
  const stored = cache === undefined ? undefined : { store: storeOf(cache), key: cacheName(items) };
  const known = new Map<string, Entry>(stored ? await readCache(stored) : []);
  let done = 0;
  let fresh = 0;
  const look = async (item: Item): Promise<ImageFacts | Failure> => {
    const { bytes: length, modified: changed } = (await (item.read ? item.stat?.() : files.stat(item.file))) ?? { bytes: -1, modified: -1 };
    let entry = known.get(item.name);
    if (entry?.length !== length || entry.changed !== changed) {
      entry = { length, changed, found: await decodeOnce(item, kept) };
      known.set(item.name, entry);
      fresh++;
    }
    onProgress?.({ task: "Checking images", done: ++done, total: items.length, unit: "images" });
    return entry.found;
  };
  try {
    return await mapLimited(items, atOnce(items, pool.workers()), look, signal);
  } finally {
    if (stored && fresh > 0) {
      // A file that was away, or on a failing disk, may come back as it was: that is not remembered.
      const kept = items.flatMap(({ name }) => {
        const entry = known.get(name);
        return entry && isLasting(entry) ? [rowOf(name, entry)] : [];
      });
      await stored.store.put(stored.key, JSON.stringify({ version: VERSION, entries: kept }));
    }
  }
}

/** What is found in the file of an item; the pixels that were made of it go to `kept`. */
async function decodeOnce(item: Item, kept: KeptPixels | undefined): Promise<ImageFacts | Failure> {
  const found = await withFile(item, (file) => pool.scan({ file, spec: kept?.wanted }));
  if ("error" in found) return found;
  const { hash, width, height, pixels } = found;
  if (pixels) await kept?.keep(hash, pixels);
  return { hash, width, height };
}

function isLasting({ length, found }: Entry): boolean {
  return length >= 0 && !("passing" in found);
}

/**
 * The items that could be read, with their facts; the others are warned about. Throws a UsageError if more than a tenth of a class, or
 * of the images that have not one class, cannot be read.
 */
export function keepReadable(
  items: readonly Item[],
  found: readonly (ImageFacts | Failure)[],
  classes: readonly string[],
  { kept, onWarning }: Pick<ScanOptions, "kept" | "onWarning"> = {},
): ScannedItem[] {
  const broken = items.flatMap((item, index) => {
    const facts = found[index]!;
    return "error" in facts ? [{ item, error: facts.error }] : [];
  });
  const named = (list: typeof broken) =>
    list
      .slice(0, 3)
      .map(({ item, error }) => `${item.name} (${error})`)
      .join(", ") + (list.length > 3 ? ", …" : "");
  const total = countGroups(items);
  const bad = countGroups(broken.map(({ item }) => item));
  for (const [group, without] of bad) {
    const of = total.get(group) ?? 0;
    if (without * 10 <= of) continue;
    const which = group === TARGETED ? "images" : `images of the class "${classes[group]}"`;
    throw new UsageError(
      `${without} of ${of} ${which} cannot be read: ${named(broken.filter(({ item }) => groupOf(item) === group))}`,
      `Replace or delete these files; ${group === TARGETED ? "data" : "a class"} this damaged would be learnt wrongly.`,
    );
  }
  if (broken.length > 0) {
    const count = broken.length === 1 ? "1 image" : `${broken.length} images`;
    onWarning?.({
      message: `${count} cannot be read and ${broken.length === 1 ? "is" : "are"} left out: ${named(broken)}`,
      hint: "Replace or delete them.",
    });
  }
  return items.flatMap((item, index) => {
    const facts = found[index]!;
    if ("error" in facts) return [];
    const { hash, width, height } = facts;
    // In this order: keys after a spread make V8 objects of three times the memory, and there is one for each image.
    return [kept ? { hash, width, height, kept, ...item } : { hash, width, height, ...item }];
  });
}

/** The group of images that have several labels or numbers as targets. */
const TARGETED = -1;

/** Images whose damage is judged together: those of a class, or all with other targets; undefined for images without any. */
function groupOf({ label, labels, values }: Item): number | undefined {
  return labels || values ? TARGETED : label < 0 ? undefined : label;
}

/** Numbers of items by group, in the order of the classes. */
function countGroups(items: readonly Item[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const item of items) {
    const group = groupOf(item);
    if (group !== undefined) counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => a - b));
}

function cacheName(items: readonly Item[]): string {
  const first = items[0];
  const root = first ? first.file.slice(0, -first.name.length) : "";
  return `images-${hashJson(root).slice(0, 16)}.json`;
}

function rowOf(name: string, { length, changed, found }: Entry): v.InferOutput<typeof rowSchema> {
  return "error" in found ? [name, length, changed, found.error] : [name, length, changed, found.hash, found.width, found.height];
}

/** What is stored; missing or damaged findings are made again, so neither needs a message. */
async function readCache({ store, key }: StoredFile): Promise<(readonly [string, Entry])[]> {
  const bytes = await store.get(key).catch(() => undefined);
  const cache = v.safeParse(cacheSchema, parseJsonOrNothing(bytes, LIMITS));
  if (!cache.success) return [];
  return cache.output.entries.map(([name, length, changed, text, width, height]) => [
    name,
    { length, changed, found: width === undefined || height === undefined ? { error: text } : { hash: text, width, height } },
  ]);
}
