// The contract that both platforms' encoding meets (#encode).

import type { ImageFormat, RgbImage } from "./image.ts";

/** The bytes of `image` in a format, PNG without loss. Throws a UsageError for a format that the platform does not write. */
export type EncodeImage = (image: RgbImage, format: ImageFormat) => Promise<Uint8Array>;

/** The bytes of a JPEG of `image` scaled into a square of `side` pixels, small rather than fine. What is smaller keeps its size. */
export type EncodeThumbnail = (image: RgbImage, side: number) => Promise<Uint8Array>;
