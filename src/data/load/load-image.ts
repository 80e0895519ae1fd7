// One photograph into pixels: what the workers of a loader run, and what the prediction of single images uses. Works in a browser.

import { decoder } from "#decode";
import { storage } from "#storage";
import { randomStream } from "../../core/random.ts";
import { transformChannels } from "../augment/channels.ts";
import { drawAugmentation } from "../augment/draw.ts";
import type { TransformSpec } from "../augment/transforms.ts";
import { ImageError, type PixelImage, RGB } from "../decode/image.ts";
import { withChannels } from "../pixels/channels.ts";
import { bytesOf, type ImageFile } from "./image-file.ts";

/**
 * Reads (given a path), decodes (unless it is decoded) and transforms an image; returns [size, size, channels] of 8 bits. `key` names the
 * random stream for augmentation. Throws ImageError with the reason if it cannot, or if the SHA-256 of the file is not `hash`.
 */
export async function loadImage(
  image: ImageFile | PixelImage,
  spec: TransformSpec,
  key: readonly (string | number)[] = [],
  hash?: string,
): Promise<Uint8Array> {
  const decoded = withChannels(await decodedImage(image, hash), spec.channels ?? RGB);
  return transformChannels(decoded, spec, drawAugmentation(spec, decoded.width, decoded.height, randomStream(...key)));
}

async function decodedImage(image: ImageFile | PixelImage, hash: string | undefined): Promise<PixelImage> {
  if (typeof image !== "string" && !(image instanceof Uint8Array)) return image;
  const bytes = await bytesOf(image);
  if (hash !== undefined && (await storage.hash(bytes)) !== hash) throw new ImageError("its content is not the one that was checked");
  return decoder.decode(bytes);
}
