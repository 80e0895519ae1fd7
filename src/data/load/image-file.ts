// An image file as it is handed to whoever reads it. A file that cannot be read is an answer, not a crash.

import { decoder } from "#decode";
import { isFromSystem } from "../../core/system-error.ts";
import type { Item } from "../dataset/items.ts";
import { ImageError } from "../decode/image.ts";

/** A path on this machine's disk (in a browser, an address), or the bytes of the file. */
export type ImageFile = string | Uint8Array;

/** Why a file could not be read, in a few words ("truncated JPEG"). */
export interface Failure {
  readonly error: string;
  /** Set if the system refused to read the file, which says nothing about its content: the next reading may succeed. */
  readonly passing?: true;
}

/** Files that are read at a time, each into memory, if they do not lie on this machine's disk. */
export const READS = 32;

/** How many of `items`, which lie in one place, to have in hand at a time, so that `workers` never wait. */
export function atOnce(items: readonly Pick<Item, "read">[], workers: number): number {
  return Math.max(2 * workers, items[0]?.read ? READS : 0);
}

/**
 * What `work` gives for the file of an item: its path, so that a worker thread can read it, or its bytes if it does not lie on this machine's
 * disk. Gives the reason if those cannot be read.
 */
export async function withFile<Result>(
  { file, read }: Pick<Item, "file" | "read">,
  work: (file: ImageFile) => Promise<Result | Failure>,
): Promise<Result | Failure> {
  let found: ImageFile;
  try {
    found = read ? await read() : file;
  } catch (error) {
    return asFailure(error);
  }
  return work(found);
}

/** The bytes of a file. Throws ImageError. */
export async function bytesOf(file: ImageFile): Promise<Uint8Array> {
  return typeof file === "string" ? decoder.read(file) : file;
}

/** The answer that an ImageError is; throws any other error. */
export function asFailure(error: unknown): Failure {
  if (error instanceof ImageError) return { error: error.message, ...(isFromSystem(error) && { passing: true }) };
  throw error;
}
