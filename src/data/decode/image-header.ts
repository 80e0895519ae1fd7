// What an image file says of itself before any of its pixels are decoded: how large it is, so that a small file cannot claim the whole memory or
// hours of work, and how much of its picture it holds, because decoders make something up for what is missing.

import { avifHeader } from "./formats/avif.ts";
import { type BmpHeader, bmpHeader, checkBmpRows } from "./formats/bmp.ts";
import { checkGifPixels, gifHeader } from "./formats/gif.ts";
import { pngHeader } from "./formats/png.ts";
import { checkTiffParts, type TiffHeader, tiffHeader } from "./formats/tiff.ts";
import { checkWebpPixels, webpHeader } from "./formats/webp.ts";
import { formatOf, ImageError, type ImageFormat } from "./image.ts";
import { type JpegFile, jpegCost, readJpegBody, readJpegHeader } from "./jpeg/file.ts";
import { type DecodeCost, type Shrink, shrinkOf } from "./limits.ts";

/** A file that may be decoded. */
export type CheckedFile =
  | { readonly format: "JPEG"; readonly jpeg: JpegFile; readonly shrink: Shrink }
  | { readonly format: "BMP"; readonly bmp: BmpHeader }
  | { readonly format: "TIFF"; readonly tiff: TiffHeader; readonly shrink: Shrink }
  | { readonly format: Exclude<ImageFormat, "JPEG" | "BMP" | "TIFF">; readonly size: DecodeCost; readonly shrink: Shrink };

/**
 * Reads the header of an image. Throws ImageError: "truncated PNG" if the file ends before the image does, "damaged PNG" if it has no size, "too
 * large" beyond the limits, "truncated GIF: 12 % of its rows are missing" if pixels are missing inside, and for a kind that is not read.
 */
export function checkFile(bytes: Uint8Array): CheckedFile {
  const format = formatOf(bytes);
  try {
    return read(format, bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    // Reading beyond the last byte.
    if (!(error instanceof RangeError)) throw error;
    throw new ImageError(`truncated ${format}`);
  }
}

function read(format: ImageFormat, bytes: Uint8Array, view: DataView): CheckedFile {
  const limited = <Header extends DecodeCost>(header: Header | undefined): { header: Header; shrink: Shrink } => {
    if (!header || header.width < 1 || header.height < 1) throw new ImageError(`damaged ${format}`);
    return { header, shrink: shrinkOf(header, bytes.length) };
  };
  switch (format) {
    case "JPEG": {
      const found = readJpegHeader(bytes, view);
      const { header, shrink } = limited(found && { ...found, ...jpegCost(found) });
      return { format, jpeg: readJpegBody(bytes, header), shrink };
    }
    case "BMP": {
      const found = bmpHeader(bytes, view);
      const { header: bmp } = limited(found);
      checkBmpRows(bytes, bmp);
      return { format, bmp };
    }
    case "TIFF": {
      const found = tiffHeader(bytes, view);
      const { header: tiff, shrink } = limited(found);
      checkTiffParts(bytes, tiff);
      return { format, tiff, shrink };
    }
    case "GIF": {
      const found = gifHeader(bytes, view);
      const { header, shrink } = limited(found);
      limited({ ...header, width: header.frameWidth, height: header.frameHeight });
      checkGifPixels(bytes, header);
      return { format, size: header, shrink };
    }
    default: {
      const found = SIZES[format](bytes, view);
      const { header, shrink } = limited(found);
      if (format === "WebP") checkWebpPixels(bytes, view, header);
      return { format, size: header, shrink };
    }
  }
}

const SIZES = { PNG: pngHeader, WebP: webpHeader, AVIF: avifHeader };
