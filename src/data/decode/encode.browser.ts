// From pixels to the bytes of an image file in a browser, by the browser itself.

import { expected } from "../../core/errors.ts";
import type { EncodeImage, EncodeThumbnail } from "./encode.ts";
import { encodeBmp } from "./formats/bmp.ts";
import type { RgbImage } from "./image.ts";

// As in decode.browser.ts, the parts of the DOM that are needed here.
interface Bitmap {
  readonly width: number;
  readonly height: number;
  close(): void;
}
interface Platform {
  ImageData: new (data: Uint8ClampedArray, width: number, height: number) => unknown;
  createImageBitmap(source: unknown, options: Readonly<Record<string, string | number>>): Promise<Bitmap>;
  OffscreenCanvas: new (
    width: number,
    height: number,
  ) => {
    getContext(kind: "2d", options: Readonly<Record<string, boolean>>): { drawImage(image: Bitmap, x: number, y: number): void } | null;
    convertToBlob(options: { readonly type: string; readonly quality: number }): Promise<Blob>;
  };
}

/** Media types and qualities of the formats that browsers write. */
const WRITTEN: Readonly<Record<string, { readonly type: string; readonly quality: number }>> = {
  PNG: { type: "image/png", quality: 1 },
  JPEG: { type: "image/jpeg", quality: 0.95 },
  WebP: { type: "image/webp", quality: 1 },
};

/** The bytes of `image` as PNG, JPEG, BMP or, if the browser supports it, WebP. */
export const encodeImage: EncodeImage = async (image, format) => {
  if (format === "BMP") return encodeBmp(image);
  const written = WRITTEN[format];
  if (!written) throw expected("PNG, JPEG, BMP or WebP", "the format of a picture in a browser", format);
  return encode(image, image.width, image.height, written.type, written.quality);
};

export const encodeThumbnail: EncodeThumbnail = (image, side) => {
  const scale = Math.min(1, side / Math.max(image.width, image.height));
  const scaled = (length: number): number => Math.max(1, Math.round(length * scale));
  return encode(image, scaled(image.width), scaled(image.height), "image/jpeg", 0.75);
};

async function encode(image: RgbImage, width: number, height: number, type: string, quality: number): Promise<Uint8Array> {
  const platform = globalThis as unknown as Platform;
  const canvas = new platform.OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Error("The browser gave no 2d canvas to encode images with");
  const pixels = new platform.ImageData(withAlpha(image.data), image.width, image.height);
  const bitmap = await platform.createImageBitmap(pixels, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const blob = await canvas.convertToBlob({ type, quality });
  if (blob.type !== type) throw expected("PNG or JPEG", "the format of a picture in this browser", type);
  return new Uint8Array(await blob.arrayBuffer());
}

function withAlpha(rgb: Uint8Array): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray((rgb.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from]!;
    rgba[to + 1] = rgb[from + 1]!;
    rgba[to + 2] = rgb[from + 2]!;
  }
  return rgba;
}
