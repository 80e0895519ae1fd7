// Decoding in a browser, by the browser itself, onto a white canvas: what is transparent becomes white, as in Node.

import { decodeBmp } from "./formats/bmp.ts";
import { type Decoder, formatOf, ImageError } from "./image.ts";
import { type CheckedFile, checkFile } from "./image-header.ts";
import { checkJpegEnd, shrunkSize } from "./jpeg/file.ts";
import { checkPixels } from "./limits.ts";

// thaw is compiled without the DOM's types, which would let any file use them; these are the parts that are needed here.
interface Bitmap {
  readonly width: number;
  readonly height: number;
  close(): void;
}
interface Context {
  fillStyle: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  drawImage(image: Bitmap, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
}
interface Platform {
  createImageBitmap(source: Blob, options: Readonly<Record<string, string | number>>): Promise<Bitmap>;
  OffscreenCanvas: new (
    width: number,
    height: number,
  ) => { getContext(kind: "2d", options: Readonly<Record<string, boolean>>): Context | null };
}
const platform = globalThis as unknown as Platform;

/** The sides of the canvas that images which fit on it share: a new one for each image takes a fifth of the time to decode it. */
const SIDE = 1024;
let shared: Context | undefined;

export const decoder: Decoder = {
  async read(path) {
    const response = await fetch(path).catch(() => undefined);
    if (!response?.ok) throw new ImageError("file not found");
    return new Uint8Array(await response.arrayBuffer());
  },
  async decode(bytes) {
    const file = formatOf(bytes) === "TIFF" ? undefined : checkFile(bytes);
    if (!file || file.format === "TIFF") throw new ImageError("a TIFF file, which browsers cannot read: convert it to PNG");
    if (file.format === "BMP") return decodeBmp(bytes, file.bmp);
    const jpeg = file.format === "JPEG" ? file.jpeg : undefined;
    const options = {
      imageOrientation: "from-image",
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
      ...smallerSize(file),
    };
    const blob = new Blob([(jpeg?.plain ?? bytes) as Uint8Array<ArrayBuffer>]);
    const bitmap = await platform.createImageBitmap(blob, options).catch((error: unknown) => {
      throw new ImageError(`damaged ${file.format}`, { cause: error });
    });
    const { width, height } = bitmap;
    checkPixels({ width, height });
    // Nothing else draws before it is read back.
    const context = contextFor(width, height);
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    const image = { width, height, data: withoutAlpha(context.getImageData(0, 0, width, height).data) };
    if (jpeg) checkJpegEnd(bytes, jpeg, image);
    return image;
  },
};

/** Where an image of this size is drawn. */
function contextFor(width: number, height: number): Context {
  if (width > SIDE || height > SIDE) return newContext(width, height);
  shared ??= newContext(SIDE, SIDE);
  return shared;
}

function newContext(width: number, height: number): Context {
  // What is drawn is read back at once, so it should be in memory that the processor can reach.
  const context = new platform.OffscreenCanvas(width, height).getContext("2d", { alpha: false, willReadFrequently: true });
  if (!context) throw new Error("The browser gave no 2d canvas to decode images with");
  return context;
}

/** What asks for a smaller picture, if that is due; without a height, the picture keeps its shape. */
function smallerSize(file: Exclude<CheckedFile, { format: "BMP" | "TIFF" }>): Readonly<Record<string, number | string>> {
  if (file.shrink === 1) return {};
  const { width } =
    file.format === "JPEG" ? shrunkSize(file.jpeg.header, file.shrink) : { width: Math.ceil(file.size.width / file.shrink) };
  return { resizeWidth: width, resizeQuality: "medium" };
}

function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from]!;
    rgb[to + 1] = rgba[from + 1]!;
    rgb[to + 2] = rgba[from + 2]!;
  }
  return rgb;
}
