// From pixels to the bytes of an image file, in Node, by sharp: for copies of photographs that training reads again and again.

import type { EncodeImage, EncodeThumbnail } from "./encode.ts";
import { encodeBmp } from "./formats/bmp.ts";

/**
 * The bytes of `image` in a format: JPEG at quality 95 with whole colour, AVIF at 90, GIF in 256 colours, the others without loss. The same
 * pixels give the same bytes.
 */
export const encodeImage: EncodeImage = async ({ width, height, data }, format) => {
  const { default: sharp } = await import("sharp");
  const pixels = sharp(data, { raw: { width, height, channels: 3 } });
  switch (format) {
    case "JPEG":
      return pixels.jpeg({ quality: 95, chromaSubsampling: "4:4:4" }).toBuffer();
    case "PNG":
      return pixels.png().toBuffer();
    case "WebP":
      return pixels.webp({ lossless: true }).toBuffer();
    case "GIF":
      return pixels.gif().toBuffer();
    case "AVIF":
      return pixels.avif({ quality: 90, chromaSubsampling: "4:4:4" }).toBuffer();
    case "BMP":
      return encodeBmp({ width, height, data });
    case "TIFF":
      return pixels.tiff({ compression: "deflate" }).toBuffer();
  }
};

/** The bytes of a PNG of an SVG that thaw drew itself, with `scale` pixels for each of the SVG's. */
export async function drawingToPng(svg: string, scale: number): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  // An SVG's pixel is 1/96 inch, and sharp's measure for it is the density.
  return sharp(Buffer.from(svg), { density: 72 * scale })
    .png()
    .toBuffer();
}

/** The bytes of a JPEG of `image` scaled into a square of `side` pixels, small rather than fine (quality 75). */
export const encodeThumbnail: EncodeThumbnail = async ({ width, height, data }, side) => {
  const { default: sharp } = await import("sharp");
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(side, side, { fit: "inside", withoutEnlargement: true })
    .jpeg({ quality: 75 })
    .toBuffer();
};
