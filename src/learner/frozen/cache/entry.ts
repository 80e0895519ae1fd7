// What an entry of the cache holds and what it is called: the activations of some images at a freeze point. Its name is the hash of its content.

import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { hashJson, hashPieces } from "../../../core/hash.ts";
import { writeError } from "../../../core/system-error.ts";
import { VERSION } from "../../../core/version.ts";
import type { TransformSpec } from "../../../data/augment/transforms.ts";
import type { ScannedItem } from "../../../data/items.ts";

/** Names of the files in an entry's folder, beside the array's chunks. */
export const [METADATA, FILES] = ["zarr.json", "files.sha256"];

/** Part of every key: to be raised when the pixels that a transform makes of a file change, or the layout of an entry does. */
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
  /** Undefined where nothing is left to chance. */
  readonly draw?: Draw | undefined;
}

/** What an entry is for people and other programs; nothing of it is needed to use it. */
export interface EntryMetadata {
  /** Absolute path of the data set. */
  readonly data: string;
  readonly part: "train" | "valid" | "test";
  readonly network: string;
  /** The first layer group right of the cut, and the last stage left of it. */
  readonly group: number;
  readonly stage: string;
  readonly precision: "fp32" | "int8";
  /** What is made of the pixels: (x / 255 − mean) / std per channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** The "thaw" attribute of an entry's array, as other thaws may have written it. */
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

/** The key of the entry of `source` through the frozen part named `frozen`: 64 hexadecimal digits. */
export function keyOf({ items, spec, draw }: RowSource, frozen: string): string {
  const common = hashJson({ method: METHOD, frozen, spec, draw });
  // Where chance decides, it is drawn by the image's name.
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
      bytes += Buffer.byteLength(piece);
      yield piece;
    }
  };
  const files = { sha256: hashPieces(counted()), bytes };
  return { thaw: { createdBy: `thaw ${VERSION}`, ...metadata, transform: { ...spec }, ...(draw && { draw }), files } };
}

/** The attribute "thaw" of the entry in `path`; undefined where there is none that can be read. */
export async function readEntryMetadata(path: string): Promise<v.InferOutput<typeof entryMetadataSchema> | undefined> {
  try {
    const { attributes } = JSON.parse(await readFile(join(path, METADATA), "utf8")) as { attributes?: { thaw?: unknown } };
    return v.parse(entryMetadataSchema, attributes?.thaw);
  } catch {
    return undefined;
  }
}

/**
 * Writes the list of the images of the rows, in their order, unless it is there: a line with hash and name for each, as sha256sum writes
 * them. There may be very many, so they are written as they come; the metadata, which say that they are there, must be written after them.
 */
export async function writeFiles(
  path: string,
  items: readonly ScannedItem[],
  { files }: v.InferOutput<typeof entryMetadataSchema>,
): Promise<void> {
  const file = join(path, FILES);
  const known = (await readEntryMetadata(path))?.files.sha256;
  const { size } = (await stat(file).catch(() => undefined)) ?? {};
  if (known === files.sha256 && size === files.bytes) return;
  await writeFile(file, filesList(items)).catch((error) => {
    throw writeError(error, file);
  });
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
