// Pictures of photographs as addresses for the page, small or whole, as long as they are among the last that were asked for.

import { limiter } from "../../data/load/limiter.ts";
import type { PictureSize } from "../protocol/photographs.ts";

// As in decode.browser.ts, the parts of the platform that are needed here.
interface Bitmap {
  readonly width: number;
  readonly height: number;
  close(): void;
}
declare const createImageBitmap: (blob: Blob) => Promise<Bitmap>;
declare const OffscreenCanvas: new (
  width: number,
  height: number,
) => {
  getContext(kind: "2d"): { drawImage(image: Bitmap, x: number, y: number, width: number, height: number): void };
  convertToBlob(options: { readonly type: string; readonly quality: number }): Promise<Blob>;
};

const [SIDE, QUALITY, MOST, AT_ONCE] = [320, 0.8, 1000, 4];

export class ShownPictures {
  readonly #addresses = new Map<string, Promise<string>>();
  readonly #gate = limiter(AT_ONCE);

  /** The address of a picture that `read` reads; made once for each `key`. */
  of(key: string, size: PictureSize, read: () => Promise<Uint8Array>): Promise<string> {
    return this.#keep(`${size} ${key}`, async () => {
      const blob = new Blob([(await read()) as Uint8Array<ArrayBuffer>]);
      return size === "full" ? blob : small(blob);
    });
  }

  /** The address of a picture that is made otherwise. */
  made(key: string, make: () => Promise<Uint8Array>): Promise<string> {
    return this.#keep(key, async () => new Blob([(await make()) as Uint8Array<ArrayBuffer>], { type: "image/jpeg" }));
  }

  #keep(key: string, make: () => Promise<Blob>): Promise<string> {
    const known = this.#addresses.get(key);
    const address = known ?? this.#gate(make).then((blob) => URL.createObjectURL(blob));
    // The last used is the last to go.
    this.#addresses.delete(key);
    this.#addresses.set(key, address);
    address.catch(() => this.#addresses.delete(key));
    for (const [oldest, other] of this.#addresses) {
      if (this.#addresses.size <= MOST) break;
      this.#addresses.delete(oldest);
      void other.then((old) => URL.revokeObjectURL(old)).catch(() => {});
    }
    return address;
  }
}

/** A picture whose longer side has at most 320 pixels. */
async function small(blob: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(blob);
  try {
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale))) as [number, number];
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, width, height);
    return await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  } finally {
    bitmap.close();
  }
}
