// Decoding in a browser, by the browser itself, onto a white canvas: what is transparent becomes white, as in Node.

import { type Decoder, formatOf, ImageError } from "./image.ts";
import { checkHeader, checkPixels } from "./image-header.ts";

// thaw is compiled without the DOM's types, which would let any file use them; these are the parts that are needed here.
interface Bitmap {
  readonly width: number;
  readonly height: number;
  close(): void;
}
interface Platform {
  createImageBitmap(source: Blob, options: Readonly<Record<string, string>>): Promise<Bitmap>;
  OffscreenCanvas: new (
    width: number,
    height: number,
  ) => {
    getContext(
      kind: "2d",
      options: Readonly<Record<string, boolean>>,
    ): {
      fillStyle: string;
      fillRect(x: number, y: number, width: number, height: number): void;
      drawImage(image: Bitmap, x: number, y: number): void;
      getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
    } | null;
  };
}

export const decoder: Decoder = {
  async read(path) {
    const response = await fetch(path).catch(() => undefined);
    if (!response?.ok) throw new ImageError("file not found");
    return new Uint8Array(await response.arrayBuffer());
  },
  async decode(bytes) {
    const format = formatOf(bytes);
    if (format === "TIFF") throw new ImageError("a TIFF file, which browsers cannot read: convert it to PNG");
    checkHeader(bytes, format);
    const platform = globalThis as unknown as Platform;
    const options = { imageOrientation: "from-image", colorSpaceConversion: "none", premultiplyAlpha: "none" };
    const bitmap = await platform.createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]), options).catch((error: unknown) => {
      throw new ImageError(`damaged ${format}`, { cause: error });
    });
    const { width, height } = bitmap;
    checkPixels({ width, height });
    // It is read back at once, so it should be in memory that the processor can reach.
    const context = new platform.OffscreenCanvas(width, height).getContext("2d", { alpha: false, willReadFrequently: true });
    if (!context) throw new Error("The browser gave no 2d canvas to decode images with");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    return { width, height, data: withoutAlpha(context.getImageData(0, 0, width, height).data) };
  },
};

function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from]!;
    rgb[to + 1] = rgba[from + 1]!;
    rgb[to + 2] = rgba[from + 2]!;
  }
  return rgb;
}
