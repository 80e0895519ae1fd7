// What the names of files say: which are images, and of which kind.

import type { ImageFormat } from "./image.ts";

/** The extensions of the kinds of image that are read; everything that names these kinds to the user is made of this table. */
const EXTENSIONS: ReadonlyMap<string, ImageFormat> = new Map<string, ImageFormat>(
  Object.entries({
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
  } as const),
);

/** The kinds of image that are read. */
export const IMAGE_FORMATS: readonly ImageFormat[] = [...new Set(EXTENSIONS.values())];

/** The same in words: "JPEG, PNG and TIFF". */
export const READ_FORMATS = inWords(IMAGE_FORMATS);

const IMAGES = new Set([...EXTENSIONS.keys(), ""]);
const FILMS = new Set("mp4 mov m4v avi mkv webm wmv mpg mpeg 3gp mts".split(" "));
const OTHERS = new Set(
  "txt json jsonl yaml yml xml md rst html csv tsv db ini log lock pdf py ipynb sh bat zip tar gz tgz npz pt pth onnx safetensors".split(
    " ",
  ),
);

/** What a file is by its name: an image (also if the name has no extension), something that belongs beside images, or unknown. */
export function kindOfFile(name: string): "image" | "other" | "unknown" {
  const extension = extensionOf(name);
  if (IMAGES.has(extension)) return "image";
  return OTHERS.has(extension) ? "other" : "unknown";
}

/** The extension of a file name, in lower case without the dot; "" if there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/** The kind of image that the extension of a path stands for; undefined if there is none, or if it is not an image's. */
export function formatOfName(path: string): ImageFormat | undefined {
  return EXTENSIONS.get(extensionOf(path.slice(path.lastIndexOf("/") + 1)));
}

/** What to do with a file such as "IMG_1.HEIC" of a kind that thaw does not read, and with those like it. */
export function conversionHint(name: string): string {
  // As it is written, for shells in which *.heic does not stand for IMG_1.HEIC.
  const extension = name.slice(name.lastIndexOf(".") + 1);
  return FILMS.has(extension.toLowerCase())
    ? `Take single pictures out of films, for example one a second with FFmpeg: ffmpeg -i film.${extension} -r 1 film-%04d.jpg`
    : `If they are pictures, convert them to JPEG or PNG, for example with ImageMagick: magick mogrify -format jpg *.${extension}`;
}

function inWords(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
