// One photograph into pixels: what the workers of a loader run, and what the prediction of single images uses. Works in a browser.

import { decoder } from "#decode";
import { randomStream } from "../../core/random.ts";
import { transformChannels } from "../augment/channels.ts";
import { drawAugmentation } from "../augment/draw.ts";
import type { TransformSpec } from "../augment/transforms.ts";
import { type PixelImage, RGB } from "../decode/image.ts";
import { withChannels } from "../pixels/channels.ts";
import { bytesOf, type ImageFile } from "./image-file.ts";

/**
 * Reads (given a path), decodes (unless it is decoded) and transforms an image; returns [size, size, channels] of 8 bits. `key` names the
 * random stream for augmentation. Throws ImageError with the reason if it cannot.
 */
export async function loadImage(
  image: ImageFile | PixelImage,
  spec: TransformSpec,
  key: readonly (string | number)[] = [],
): Promise<Uint8Array> {
  const decoded = withChannels(await decodedImage(image), spec.channels ?? RGB);
  return transformChannels(decoded, spec, drawAugmentation(spec, decoded.width, decoded.height, randomStream(...key)));
}

async function decodedImage(image: ImageFile | PixelImage): Promise<PixelImage> {
  return typeof image === "string" || image instanceof Uint8Array ? decoder.decode(await bytesOf(image)) : image;
}
