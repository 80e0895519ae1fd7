// Decoding in Node. Most photographs are JPEGs, which @napi-rs/image decodes in half the time of sharp; sharp (libvips) decodes the other formats,
// and says what is wrong with a JPEG that cannot be decoded. Only formats that formatOf knows reach either.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isMainThread } from "node:worker_threads";
import { systemCode } from "../../core/system-error.ts";
import { decodeBmp } from "./formats/bmp.ts";
import { checkTiffData } from "./formats/tiff-data.node.ts";
import { type Decoder, ImageError, type ImageFormat, type RgbImage } from "./image.ts";
import { checkFile } from "./image-header.ts";
import { checkJpegEnd, type JpegFile } from "./jpeg/file.ts";
import { PIXEL_LIMIT, type Shrink } from "./limits.ts";

/** Whether this thread decodes by itself. */
let alone = !isMainThread;

/** Lets Node's own threads decode what this worker thread asks for, as the main thread does: it has other work meanwhile. */
export function decodeElsewhere(): void {
  alone = false;
}

export const decoder: Decoder = {
  async read(path) {
    try {
      // A worker thread that decodes has nothing else to do, and the way through Node's own threads costs more than reading a photograph.
      return alone ? readFileSync(path) : await readFile(path);
    } catch (error) {
      if (/^(?:s3|https?):\/\//i.test(path))
        throw new ImageError("an address, which is not read here: copy the file to this machine first");
      throw new ImageError(readReason(systemCode(error)), { cause: error });
    }
  },
  async decode(bytes) {
    const file = checkFile(bytes);
    switch (file.format) {
      case "JPEG": {
        const { jpeg, shrink } = file;
        const image = (shrink === 1 && (await decodeJpeg(jpeg))) || (await decodeAny(jpeg.plain, "JPEG", largestSide(jpeg.header, shrink)));
        checkJpegEnd(bytes, jpeg, image);
        return image;
      }
      case "BMP":
        return decodeBmp(bytes, file.bmp);
      case "TIFF":
        checkTiffData(bytes, file.tiff);
        return decodeAny(bytes, file.format, largestSide(file.tiff, file.shrink));
      default:
        return decodeAny(bytes, file.format, largestSide(file.size, file.shrink));
    }
  },
};

// Either package is loaded when it is first needed: for one JPEG, sharp would take longer than everything else.
let sharpPackage: Promise<typeof import("sharp")["default"]> | undefined;

async function loadSharp(): Promise<typeof import("sharp")["default"]> {
  const { default: sharp } = await import("sharp");
  // libvips picks a loader by the content too. These, which thaw's own sharp lacks and another build of libvips may have, could take a TIFF
  // or a JPEG away from the loader that is meant for it.
  sharp.block({ operation: ["VipsForeignLoadMagick", "VipsForeignLoadMagick7", "VipsForeignLoadOpenslide", "VipsForeignLoadDcRaw"] });
  return sharp;
}

// On a platform for which it has no binary, sharp does its work.
let jpegPackage: Promise<typeof import("@napi-rs/image") | undefined> | undefined;

async function decodeJpeg({ plain, header: { width, height, orientation } }: JpegFile): Promise<RgbImage | undefined> {
  jpegPackage ??= import("@napi-rs/image").catch(() => undefined);
  const library = await jpegPackage;
  if (!library) return undefined;
  let data: Uint8Array;
  try {
    const transformer = new library.Transformer(plain);
    if (orientation > 1) transformer.rotate(orientation);
    // The pool's threads decode by themselves: Node's own, of which there are four, would be too few for them.
    data = alone ? transformer.rawPixelsSync() : await transformer.rawPixels();
  } catch {
    return undefined;
  }
  const size = orientation > 4 ? { width: height, height: width } : { width, height };
  if (data.length === width * height) return { ...size, data: greyToRgb(data) };
  return data.length === width * height * 3 ? { ...size, data } : undefined;
}

/** Pixels of the larger side of an image that is shrunk while it is decoded; undefined if it is not. */
function largestSide({ width, height }: { readonly width: number; readonly height: number }, shrink: Shrink): number | undefined {
  return shrink === 1 ? undefined : Math.ceil(Math.max(width, height) / shrink);
}

/** Decodes by libvips, if `largest` is given so that the larger side has so many pixels. */
async function decodeAny(bytes: Uint8Array, format: ImageFormat, largest: number | undefined): Promise<RgbImage> {
  sharpPackage ??= loadSharp();
  const sharp = await sharpPackage;
  try {
    const whole = sharp(bytes, { failOn: "error", limitInputPixels: PIXEL_LIMIT, ignoreIcc: true, autoOrient: true });
    // libjpeg and libwebp decode to the smaller size at once; of PNG and TIFF, rows are scaled as they come.
    const sized = largest === undefined ? whole : whole.resize(largest, largest, { fit: "inside" });
    const { data, info } = await sized
      .flatten({ background: "#ffffff" })
      .toColourspace("srgb")
      .removeAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  } catch (error) {
    throw new ImageError(decodeReason(format, error instanceof Error ? error.message : ""), { cause: error });
  }
}

function greyToRgb(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  for (let from = 0, to = 0; from < grey.length; from++, to += 3) rgb[to] = rgb[to + 1] = rgb[to + 2] = grey[from]!;
  return rgb;
}

function readReason(code: string | undefined): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "file not found";
  if (code === "EACCES" || code === "EPERM") return "no permission to read it";
  if (code === "EISDIR") return "a folder";
  return code === undefined ? "cannot be read" : `cannot be read (${code})`;
}

function decodeReason(format: ImageFormat, message: string): string {
  if (/support is not configured/i.test(message))
    return `a ${format} of a rare compression, which thaw cannot read: save it with another, such as LZW`;
  if (/pixel limit|too large|exceeds/i.test(message)) return `too large: more than ${PIXEL_LIMIT / 1e6} million pixels`;
  if (/truncated|premature|end of|unexpected end|ran out|not enough/i.test(message)) return `truncated ${format}`;
  return `damaged ${format}`;
}
