// What a check wants to know of one image file: runs in a worker thread, because it decodes.

import { decoder } from "#decode";
import { storage } from "#storage";
import { toBase64 } from "../../core/base64.ts";
import type { ImageFacts } from "../dataset/items.ts";
import { formatOf, type ImageFormat } from "../decode/image.ts";
import { greyThumbnail } from "../pixels/perceptual-hash.ts";
import { asFailure, bytesOf, type Failure, type ImageFile } from "./image-file.ts";

/** An image that can be read. */
export interface Inspection extends ImageFacts {
  /** By its content. */
  readonly format: ImageFormat;
  /** The grey thumbnail [16, 16], in base64. */
  readonly thumbnail: string;
}

/** Reads and decodes an image; if that fails, gives the reason in a few words ("truncated JPEG"). */
export async function inspectHere(file: ImageFile): Promise<Inspection | Failure> {
  try {
    const bytes = await bytesOf(file);
    const image = await decoder.decode(bytes);
    return {
      hash: await storage.hash(bytes),
      width: image.width,
      height: image.height,
      format: formatOf(bytes),
      thumbnail: toBase64(greyThumbnail(image)),
    };
  } catch (error) {
    return asFailure(error);
  }
}
