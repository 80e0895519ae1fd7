// What is to be known of an image file before training: that it can be decoded, its hash and its size. Its pixels, which are there now, can be
// had as well.

import { decoder } from "#decode";
import { storage } from "#storage";
import type { TransformSpec } from "../augment/transforms.ts";
import type { ImageFacts } from "../dataset/items.ts";
import { asFailure, bytesOf, type Failure, type ImageFile } from "./image-file.ts";
import { loadImage } from "./load-image.ts";

export interface ScanTask {
  readonly file: ImageFile;
  /** A transform without chance whose pixels are wanted. */
  readonly spec?: TransformSpec | undefined;
}

/** What is known of an image, and its pixels [size, size, channels] if they were wanted. */
export interface Scanned extends ImageFacts {
  readonly pixels?: Uint8Array;
}

/** Decodes an image once, in the calling thread, and takes its hash. */
export async function scanHere({ file, spec }: ScanTask): Promise<Scanned | Failure> {
  try {
    const bytes = await bytesOf(file);
    const image = await decoder.decode(bytes);
    const facts = { hash: await storage.hash(bytes), width: image.width, height: image.height };
    return spec ? { ...facts, pixels: await loadImage(image, spec) } : facts;
  } catch (error) {
    return asFailure(error);
  }
}
