// Decoding in Node: sharp (libvips). Only formats that formatOf knows reach it, so sharp's own wider list of loaders is never asked.

import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { systemCode } from "../core/files.ts";
import { type Decoder, formatOf, ImageError, type ImageFormat, PIXEL_LIMIT } from "./image.ts";

export const decoder: Decoder = {
  async read(path) {
    try {
      return await readFile(path);
    } catch (error) {
      throw new ImageError(readReason(systemCode(error)), { cause: error });
    }
  },
  async decode(bytes) {
    const format = formatOf(bytes);
    try {
      const { data, info } = await sharp(bytes, { failOn: "truncated", limitInputPixels: PIXEL_LIMIT, ignoreIcc: true, autoOrient: true })
        .toColourspace("srgb")
        .removeAlpha()
        .raw({ depth: "uchar" })
        .toBuffer({ resolveWithObject: true });
      return { width: info.width, height: info.height, data };
    } catch (error) {
      throw new ImageError(decodeReason(format, error instanceof Error ? error.message : ""), { cause: error });
    }
  },
};

function readReason(code: string | undefined): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "file not found";
  if (code === "EACCES" || code === "EPERM") return "no permission to read it";
  if (code === "EISDIR") return "a folder";
  return code === undefined ? "cannot be read" : `cannot be read (${code})`;
}

function decodeReason(format: ImageFormat, message: string): string {
  if (/pixel limit|too large|exceeds/i.test(message)) return "too large";
  if (/truncated|premature|end of|unexpected end|ran out|not enough/i.test(message)) return `truncated ${format}`;
  return `damaged ${format}`;
}
