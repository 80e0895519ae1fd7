// How large a picture may be. Both rules are checked on a file's header, before anything is decoded; SECURITY.md gives the reasons.

import { ImageError } from "./image.ts";

/** The most pixels of an image. */
export const PIXEL_LIMIT = 100_000_000;
/** The most pixels of a side. */
export const SIDE_LIMIT = 65_535;

/** What a header says of the work to come. */
export interface DecodeCost {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Memory that decoding takes for each pixel, in bytes, its result included; measured. */
  readonly bytesPerPixel: number;
  /** What of it a smaller result does not save; default all. */
  readonly heldPerPixel?: number;
}

/** How much smaller than it is stored an image is decoded, along each side. */
export type Shrink = 1 | 2 | 4 | 8;

/** Throws the ImageError of an image that has more pixels than are decoded. */
export function checkPixels({ width, height }: Pick<DecodeCost, "width" | "height">): void {
  const tooLarge = `too large: ${width} × ${height} pixels`;
  if (width * height > PIXEL_LIMIT) throw new ImageError(`${tooLarge}, where ${PIXEL_LIMIT / 1e6} million are the most`);
  if (Math.max(width, height) > SIDE_LIMIT) throw new ImageError(`${tooLarge}, where a side has at most ${SIDE_LIMIT}`);
}

/** What any file may take to decode, in bytes: 24 million pixels at what they take in most formats. */
const BASE_MEMORY = 256_000_000;

/** The memory that a file of `length` bytes may take to decode, in bytes. */
function allowance(length: number): number {
  return BASE_MEMORY + 4 * length;
}

/**
 * How far an image in a file of `length` bytes must be shrunk while it is decoded. Throws ImageError if it is too large, or takes too much memory
 * however far its kind can be shrunk.
 */
export function shrinkOf(cost: DecodeCost, length: number): Shrink {
  checkPixels(cost);
  const { width, height, bytesPerPixel, heldPerPixel = bytesPerPixel } = cost;
  const needed = (shrink: Shrink): number => width * height * (heldPerPixel + (bytesPerPixel - heldPerPixel) / shrink ** 2);
  const allowed = allowance(length);
  const shrink = ([1, 2, 4, 8] as const).find((factor) => needed(factor) <= allowed);
  if (shrink) return shrink;
  const [most, may] = [needed(8), allowed].map((bytes) => Math.round(bytes / 1e6));
  throw new ImageError(`too large: ${width} × ${height} pixels take ${most} MB to decode, where a file of its length may take ${may} MB`);
}
