// Part of a canvas: enough for filters to compute the pixels that are wanted as if they had the whole canvas.

import type { RgbImage } from "../decode/image.ts";
import { type Box, intersection } from "./box.ts";

/** The pixels of `region` on a canvas of `width` by `height`. */
export interface CanvasPart {
  readonly image: RgbImage;
  readonly region: Box;
  readonly width: number;
  readonly height: number;
}

/** Fills `box`, in canvas coordinates, with what `value` gives for each channel of each pixel, in place and row by row. */
export function fill({ image: { data, width: stride }, region }: CanvasPart, box: Box, value: (channel: number) => number): void {
  const { left, top, width, height } = intersection(box, region);
  for (let y = top; y < top + height; y++) {
    const line = ((y - region.top) * stride + left - region.left) * 3;
    for (let i = 0; i < width * 3; i++) data[line + i] = value(i % 3);
  }
}
