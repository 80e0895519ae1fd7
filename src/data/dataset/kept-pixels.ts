// Pixels that the check of a data set makes and the network wants next, so that an image is decoded once.

import type { TransformSpec } from "../augment/transforms.ts";
import { RGB } from "../decode/image.ts";

/** What a transform without chance makes of images, kept while a run lasts, by the hash of their files. Only a shortcut: nothing of it throws. */
export interface KeptPixels {
  /** The transform whose pixels are wanted; undefined if no more are kept. */
  readonly wanted: TransformSpec | undefined;
  /** Keeps the pixels [size, size, channels] that the wanted transform makes of the file with this SHA-256, if there is room. */
  keep(hash: string, pixels: Uint8Array): Promise<void>;
  /** Fills `into` with the pixels that `spec` makes of the file with this SHA-256; false if they are not kept. */
  read(hash: string, spec: TransformSpec, into: Uint8Array): Promise<boolean>;
}

/** Bytes of the pixels [size, size, channels] of an image. */
export function bytesOfPixels({ size, channels = RGB }: TransformSpec): number {
  return size * size * channels;
}

/** Whether two transforms without chance make the same pixels of an image. */
export function isSameTransform(one: TransformSpec, other: TransformSpec | undefined): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
