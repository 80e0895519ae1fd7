// Sharpness as in torchvision (adjust_sharpness).

import type { RgbImage } from "../decode/image.ts";
import type { Box } from "./box.ts";
import type { CanvasPart } from "./canvas-part.ts";

/** How many pixels away a pixel still counts. */
export const SHARPEN_REACH = 1;

/**
 * The pixels of `window` moved away from (factor > 1) or towards (factor < 1) a 3 × 3 mean with a centre of 5/13; the outermost pixels of the
 * canvas stay. `part` must cover `window` extended by SHARPEN_REACH.
 */
export function sharpened({ image, region, width, height }: CanvasPart, window: Box, factor: number): RgbImage {
  const { data } = image;
  const stride = image.width * 3;
  const result = new Uint8ClampedArray(window.width * window.height * 3);
  for (let y = window.top, to = 0; y < window.top + window.height; y++) {
    for (let x = window.left; x < window.left + window.width; x++) {
      const edge = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      const from = (y - region.top) * stride + (x - region.left) * 3;
      for (let p = from; p < from + 3; p++, to++) {
        const value = data[p]!;
        if (edge) {
          result[to] = value;
          continue;
        }
        const [above, below] = [p - stride, p + stride];
        const around =
          data[above - 3]! +
          data[above]! +
          data[above + 3]! +
          data[p - 3]! +
          data[p + 3]! +
          data[below - 3]! +
          data[below]! +
          data[below + 3]!;
        const soft = (around + 5 * value) / 13;
        result[to] = soft + (value - soft) * factor;
      }
    }
  }
  return { width: window.width, height: window.height, data: new Uint8Array(result.buffer) };
}
