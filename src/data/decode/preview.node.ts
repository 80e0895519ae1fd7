// Photographs as a browser shows them: upright, no larger than asked for, as JPEG. Of a large JPEG only as much is decoded as that takes.

import { decoder } from "./decode.node.ts";
import { ImageError } from "./image.ts";
import { checkFile } from "./image-header.ts";
import { PIXEL_LIMIT } from "./limits.ts";

/** JPEG's quality: small pictures are looked at in numbers, large ones closely. */
const [SMALL_QUALITY, LARGE_QUALITY, SMALL] = [78, 88, 640];

/** The bytes of a JPEG of the image file `bytes`, whose longer side has at most `side` pixels. Throws ImageError with the reason if it cannot be read. */
export async function previewOf(bytes: Uint8Array, side: number): Promise<Uint8Array> {
  const { format } = checkFile(bytes);
  const { default: sharp } = await import("sharp");
  const quality = side <= SMALL ? SMALL_QUALITY : LARGE_QUALITY;
  if (format === "JPEG" || format === "WebP") {
    try {
      // libjpeg and libwebp decode to a smaller size at once. A file with missing pixels is shown as far as it goes.
      return await sharp(bytes, { failOn: "none", limitInputPixels: PIXEL_LIMIT, autoOrient: true })
        .resize(side, side, { fit: "inside", withoutEnlargement: true })
        .flatten({ background: "#ffffff" })
        .jpeg({ quality })
        .toBuffer();
    } catch (error) {
      throw new ImageError(`damaged ${format}`, { cause: error });
    }
  }
  const { width, height, data } = await decoder.decode(bytes);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(side, side, { fit: "inside", withoutEnlargement: true })
    .jpeg({ quality })
    .toBuffer();
}
