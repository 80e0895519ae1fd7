// The worker thread of the loaders: decodes and transforms single images. A file that cannot be read is an answer, not a crash.

import { createHash } from "node:crypto";
import { move } from "piscina";
import { decoder } from "#decode";
import { ImageError, type RgbImage } from "./image.ts";
import { loadImage } from "./load-image.ts";
import type { TransformSpec } from "./transforms.ts";

export { inspect } from "./check/inspect.ts";
export { shrink } from "./shrink.ts";

/** An image to load: its transform, and the key of its stream of chance. */
export interface LoadTask {
  readonly file: string;
  /** The decoded image, where it is in memory. */
  readonly image?: RgbImage | undefined;
  readonly spec: TransformSpec;
  readonly key: readonly (string | number)[];
}

/** Why a file could not be read, in a few words. */
export interface Failure {
  readonly error: string;
}

/** What was found out about an image: the SHA-256 of the file, and the size of the upright image in pixels. */
export interface Facts {
  readonly hash: string;
  readonly width: number;
  readonly height: number;
}

/** Pixels [size, size, 3] of one image. */
export async function load({ file, image, spec, key }: LoadTask): Promise<Uint8Array | Failure> {
  try {
    return move(await loadImage(image ?? file, spec, key)) as Uint8Array;
  } catch (error) {
    return asFailure(error);
  }
}

/** Decodes an image once, to know that it can be, and takes its hash. */
export async function scan(file: string): Promise<Facts | Failure> {
  try {
    const bytes = await decoder.read(file);
    const { width, height } = await decoder.decode(bytes);
    return { hash: createHash("sha256").update(bytes).digest("hex"), width, height };
  } catch (error) {
    return asFailure(error);
  }
}

function asFailure(error: unknown): Failure {
  if (error instanceof ImageError) return { error: error.message };
  throw error;
}
