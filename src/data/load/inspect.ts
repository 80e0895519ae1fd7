// What a check wants to know of one image file: runs in a worker thread, because it decodes.

import { createHash } from "node:crypto";
import { decoder } from "#decode";
import { formatOf, ImageError, type ImageFormat } from "../decode/image.ts";
import { greyThumbnail } from "../pixels/perceptual-hash.ts";

/** An image that can be read. */
export interface Inspection {
  /** SHA-256 of the file, in hex. */
  readonly hash: string;
  /** Of the upright image, in pixels. */
  readonly width: number;
  readonly height: number;
  /** By its content. */
  readonly format: ImageFormat;
  /** The grey thumbnail [16, 16], in base64. */
  readonly thumbnail: string;
}

/** Reads and decodes an image; where that cannot be done, gives the reason in a few words ("truncated JPEG"). */
export async function inspect(file: string): Promise<Inspection | { readonly error: string }> {
  try {
    const bytes = await decoder.read(file);
    const image = await decoder.decode(bytes);
    return {
      hash: createHash("sha256").update(bytes).digest("hex"),
      width: image.width,
      height: image.height,
      format: formatOf(bytes),
      thumbnail: Buffer.from(greyThumbnail(image)).toString("base64"),
    };
  } catch (error) {
    if (error instanceof ImageError) return { error: error.message };
    throw error;
  }
}
