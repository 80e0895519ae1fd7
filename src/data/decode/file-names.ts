// What the names of files say: which are images, and of which kind.

import type { ImageFormat } from "./image.ts";

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
  bmp: "BMP",
  dib: "BMP",
};
const OTHERS = new Set(
  "txt json jsonl yaml yml xml md rst html csv tsv db ini log lock pdf py ipynb sh bat zip tar gz tgz npz pt pth onnx safetensors".split(
    " ",
  ),
);

/** What a file is by its name: an image (also if the name has no extension), something that belongs beside images, or unknown. */
export function kindOfFile(name: string): "image" | "other" | "unknown" {
  const extension = extensionOf(name);
  if (extension === "" || Object.hasOwn(EXTENSIONS, extension)) return "image";
  return OTHERS.has(extension) ? "other" : "unknown";
}

/** The extension of a file name, in lower case without the dot; "" if there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/** The kind of image that the extension of a path stands for; undefined if there is none, or if it is not an image's. */
export function formatOfName(path: string): ImageFormat | undefined {
  const extension = extensionOf(path.slice(path.lastIndexOf("/") + 1));
  return Object.hasOwn(EXTENSIONS, extension) ? EXTENSIONS[extension] : undefined;
}
