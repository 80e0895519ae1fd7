// One photograph into pixels: what the workers of a loader run, and what the prediction of single images uses. Works in a browser.

import { decoder } from "#decode";
import { randomStream } from "../core/random.ts";
import { applyTransform } from "./apply.ts";
import { drawAugmentation } from "./draw.ts";
import type { RgbImage } from "./image.ts";
import type { TransformSpec } from "./transforms.ts";

/**
 * Reads (where a path is given), decodes (unless it is decoded) and transforms an image; returns [size, size, 3] of 8-bit RGB. `key` names the stream of chance
 * for augmentation. Throws ImageError with the reason where it cannot.
 */
export async function loadImage(
  image: Uint8Array | string | RgbImage,
  spec: TransformSpec,
  key: readonly (string | number)[] = [],
): Promise<Uint8Array> {
  const decoded = await decodedImage(image);
  return applyTransform(decoded, spec, drawAugmentation(spec, decoded.width, decoded.height, randomStream(...key)));
}

async function decodedImage(image: Uint8Array | string | RgbImage): Promise<RgbImage> {
  if (typeof image === "string") return decoder.decode(await decoder.read(image));
  return image instanceof Uint8Array ? decoder.decode(image) : image;
}
