// How the names of image files say which kind of image they hold.

import type { ImageFormat } from "./decode/image.ts";
import { extensionOf } from "./items.ts";

const EXTENSIONS: Readonly<Record<string, ImageFormat>> = {
  jpg: "JPEG",
  jpeg: "JPEG",
  jpe: "JPEG",
  jfif: "JPEG",
  png: "PNG",
  webp: "WebP",
  gif: "GIF",
  avif: "AVIF",
  tif: "TIFF",
  tiff: "TIFF",
};

/** The kind of image that the extension of a path says it is; undefined where there is none, or one of no image. */
export function formatOfName(path: string): ImageFormat | undefined {
  return EXTENSIONS[extensionOf(path.slice(path.lastIndexOf("/") + 1))];
}
