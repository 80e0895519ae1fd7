// One image made smaller: runs in a worker thread. The pixels are those that training would see at this size.

import { createHash } from "node:crypto";
import { decoder } from "#decode";
import { scaledSize } from "../augment/scale.ts";
import { encodeImage } from "../decode/encode.node.ts";
import { formatOf, ImageError } from "../decode/image.ts";
import { formatOfName } from "../format-names.ts";
import { resize } from "../pixels/resample.ts";

export interface ShrinkTask {
  readonly file: string;
  /** Of the smaller side, in pixels. */
  readonly size: number;
}

/** The bytes of the smaller copy, and what is known of it. */
export interface Shrunk {
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`, in hex. */
  readonly hash: string;
  readonly width: number;
  readonly height: number;
}

/**
 * Scales an image until its smaller side is `size` and encodes it as the file's name says; an image that is no larger stays as it is, byte
 * for byte. Where the file cannot be read, gives the reason in a few words.
 */
export async function shrink({ file, size }: ShrinkTask): Promise<Shrunk | { readonly error: string }> {
  try {
    const source = await decoder.read(file);
    const image = await decoder.decode(source);
    if (Math.min(image.width, image.height) <= size) return { ...hashed(source), width: image.width, height: image.height };
    const { width, height } = scaledSize(image.width, image.height, size);
    const bytes = await encodeImage(resize(image, width, height), formatOfName(file) ?? formatOf(source));
    return { ...hashed(bytes), width, height };
  } catch (error) {
    if (error instanceof ImageError) return { error: error.message };
    throw error;
  }
}

function hashed(bytes: Uint8Array): Pick<Shrunk, "bytes" | "hash"> {
  return { bytes, hash: createHash("sha256").update(bytes).digest("hex") };
}
