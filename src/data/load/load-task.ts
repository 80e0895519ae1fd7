// One image of a batch: what a worker thread is given to load it.

import type { TransformSpec } from "../augment/transforms.ts";
import type { PixelImage } from "../decode/image.ts";
import { asFailure, type Failure, type ImageFile } from "./image-file.ts";
import { loadImage } from "./load-image.ts";

/** An image to load, a file or already decoded; its transform, and the key of its random stream. */
export interface LoadTask {
  /** What messages call it. */
  readonly name: string;
  readonly image: ImageFile | PixelImage;
  readonly spec: TransformSpec;
  readonly key: readonly (string | number)[];
  /** SHA-256 of the file, in hex, if it was read before: other bytes are refused. */
  readonly hash?: string | undefined;
}

/** Pixels [size, size, channels] of one image, loaded in the calling thread. */
export async function loadHere({ image, spec, key, hash }: LoadTask): Promise<Uint8Array | Failure> {
  try {
    return await loadImage(image, spec, key, hash);
  } catch (error) {
    return asFailure(error);
  }
}
