// One image of a batch, as a worker thread is told to load it, and what becomes of it: a file that cannot be read is an answer, not a crash.

import type { TransformSpec } from "../augment/transforms.ts";
import { ImageError, type PixelImage } from "../decode/image.ts";
import { loadImage } from "./load-image.ts";

/** An image to load: its transform, and the key of its stream of chance. */
export interface LoadTask {
  readonly file: string;
  /** The decoded image, where it is in memory. */
  readonly image?: PixelImage | undefined;
  readonly spec: TransformSpec;
  readonly key: readonly (string | number)[];
}

/** Why a file could not be read, in a few words. */
export interface Failure {
  readonly error: string;
}

/** Where images are loaded: the contract of "#load", which is worker threads in Node and the page itself in a browser. */
export interface Load {
  /** How many images are loaded at a time where nothing else is asked for. */
  workers(): number;
  load(task: LoadTask): Promise<Uint8Array | Failure>;
}

/** Pixels [size, size, channels] of one image, in the thread that calls. */
export async function loadHere({ file, image, spec, key }: LoadTask): Promise<Uint8Array | Failure> {
  try {
    return await loadImage(image ?? file, spec, key);
  } catch (error) {
    return asFailure(error);
  }
}

/** The answer that an ImageError is; throws any other error. */
export function asFailure(error: unknown): Failure {
  if (error instanceof ImageError) return { error: error.message };
  throw error;
}
