// One image made smaller, in Node in a worker thread. The pixels are those that training would see at this size.

import { decoder } from "#decode";
import { encodeImage } from "#encode";
import { storage } from "#storage";
import { scaledSize } from "../augment/scale.ts";

import { formatOfName } from "../decode/file-names.ts";
import { formatOf } from "../decode/image.ts";
import { resize } from "../pixels/resample.ts";
import { asFailure, bytesOf, type Failure, type ImageFile } from "./image-file.ts";

export interface ShrinkTask {
  readonly file: ImageFile;
  /** Its extension says how the copy is encoded. */
  readonly name: string;
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
export async function shrinkHere({ file, name, size }: ShrinkTask): Promise<Shrunk | Failure> {
  try {
    const source = await bytesOf(file);
    const image = await decoder.decode(source);
    if (Math.min(image.width, image.height) <= size) return { ...(await hashed(source)), width: image.width, height: image.height };
    const { width, height } = scaledSize(image.width, image.height, size);
    const bytes = await encodeImage(resize(image, width, height), formatOfName(name) ?? formatOf(source));
    return { ...(await hashed(bytes)), width, height };
  } catch (error) {
    return asFailure(error);
  }
}

async function hashed(bytes: Uint8Array): Promise<Pick<Shrunk, "bytes" | "hash">> {
  return { bytes, hash: await storage.hash(bytes) };
}
