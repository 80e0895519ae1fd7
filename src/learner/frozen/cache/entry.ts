// The content and the key of a cache entry: the activations of some images at a freeze point. The key is the hash of the content.

import * as v from "valibot";
import { hashJson, hashPieces } from "../../../core/hash.ts";
import { parseJsonOrNothing } from "../../../core/json.ts";
import type { Store, StoreReader } from "../../../core/store/store.ts";
import { VERSION } from "../../../core/version.ts";
import type { TransformSpec } from "../../../data/augment/transforms.ts";
import type { ScannedItem } from "../../../data/dataset/items.ts";

/** Names of the values of an entry, beside the array's chunks. */
export const [METADATA, FILES] = ["zarr.json", "files.sha256"];

/** The prefix of all entries' keys. */
export const ENTRIES = "activations/";

const utf8 = new TextEncoder();

/** Part of every key. Raise it when the pixels that a transform makes of a file change, or the layout of an entry. */
const METHOD = 1;

/** One draw of a transform with chance, for every image: the key of its stream. */
export interface Draw {
  readonly seed: number;
  readonly purpose: string;
  /** The number of the epoch, or of the view in test-time augmentation. */
  readonly epoch: number;
}

/** How images become an entry's rows. */
export interface RowSource {
  readonly items: readonly ScannedItem[];
  readonly spec: TransformSpec;
  /** Undefined if the transform has no chance in it. */
  readonly draw?: Draw | undefined;
}

/** Describes an entry to readers and other programs; thaw itself does not need it. */
export interface EntryMetadata {
  /** Absolute path of the data set. */
  readonly data: string;
  readonly part: "train" | "valid" | "test";
  readonly network: string;
  /** The first layer group right of the cut, and the last stage left of it. */
  readonly group: number;
  readonly stage: string;
  readonly precision: "fp32" | "int8";
  /** The normalisation of the pixels: (x / 255 − mean) / std per channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** The "thaw" attribute of an entry's array, as other versions of thaw may have written it. */
export const entryMetadataSchema = v.object({
  createdBy: v.string(),
  data: v.string(),
  part: v.string(),
  network: v.string(),
  group: v.number(),
  stage: v.string(),
  precision: v.string(),
  transform: v.looseObject({ size: v.number() }),
  draw: v.optional(v.object({ seed: v.number(), purpose: v.string(), epoch: v.number() })),
  /** Of the list of the rows' images. */
  files: v.object({ sha256: v.string(), bytes: v.number() }),
});

const attributedSchema = v.object({ attributes: v.object({ thaw: entryMetadataSchema }) });

/** Longer metadata are not thaw's. */
export const METADATA_LIMITS = { bytes: 1_000_000, values: 10_000 };

/** The prefix in the cache of the entry `key`. */
export function entryPrefix(key: string): string {
  return `${ENTRIES}${key}.zarr/`;
}

/** The key of the entry of `source` through the frozen part named `frozen`: 64 hexadecimal digits. */
export function keyOf({ items, spec, draw }: RowSource, frozen: string): string {
  const common = hashJson({ method: METHOD, frozen, spec, draw });
  // Draws are keyed by the image's name.
  const pieces = function* (): Generator<string> {
    yield common;
    for (const { hash, name } of items) yield draw ? JSON.stringify([hash, name]) : `${hash}\n`;
  };
  return hashPieces(pieces());
}

/** The attributes of the entry's array. */
export function attributesOf(
  { items, spec, draw }: RowSource,
  metadata: EntryMetadata,
): { readonly thaw: v.InferOutput<typeof entryMetadataSchema> } {
  let bytes = 0;
  const counted = function* (): Generator<string> {
    for (const piece of filesList(items)) {
      bytes += utf8.encode(piece).length;
      yield piece;
    }
  };
  const files = { sha256: hashPieces(counted()), bytes };
  return { thaw: { createdBy: `thaw ${VERSION}`, ...metadata, transform: { ...spec }, ...(draw && { draw }), files } };
}

/** The attribute "thaw" of the entry under `prefix`; undefined if there is none that can be read. */
export async function readEntryMetadata(
  cache: StoreReader,
  prefix: string,
): Promise<v.InferOutput<typeof entryMetadataSchema> | undefined> {
  const bytes = await cache.get(prefix + METADATA).catch(() => undefined);
  const found = v.safeParse(attributedSchema, parseJsonOrNothing(bytes, METADATA_LIMITS));
  return found.success ? found.output.attributes.thaw : undefined;
}

/**
 * Writes the list of the rows' images, in their order, unless it exists: a line with hash and name for each, as sha256sum writes
 * them. There may be very many, so they are written one by one; the metadata, which refer to the list, must be written after it.
 */
export async function writeFiles(
  cache: Store,
  prefix: string,
  items: readonly ScannedItem[],
  { files }: v.InferOutput<typeof entryMetadataSchema>,
): Promise<void> {
  const known = (await readEntryMetadata(cache, prefix))?.files.sha256;
  if (known === files.sha256 && (await cache.stat(prefix + FILES))?.bytes === files.bytes) return;
  await cache.put(prefix + FILES, { [Symbol.iterator]: () => filesList(items) });
}

function* filesList(items: readonly ScannedItem[]): Generator<string> {
  let text = "";
  for (const { hash, name } of items) {
    const escaped = name.replace(/[\\\n\r]/g, (found) => ({ "\\": "\\\\", "\n": "\\n", "\r": "\\r" })[found] as string);
    text += `${escaped === name ? "" : "\\"}${hash}  ${escaped}\n`;
    if (text.length < 1 << 16) continue;
    yield text;
    text = "";
  }
  yield text;
}
