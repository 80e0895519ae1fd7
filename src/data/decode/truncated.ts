// The error of a file whose picture is not all there.

import { ImageError, type ImageFormat } from "./image.ts";

/** "truncated JPEG: 12 % of its rows are missing", for a share of 0 to 1. */
export function truncated(format: ImageFormat, missing: number): ImageError {
  const percent = Math.round(100 * missing);
  return new ImageError(`truncated ${format}: ${percent < 1 ? "less than 1" : percent} % of its rows are missing`);
}
