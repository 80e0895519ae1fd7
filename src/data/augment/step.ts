// How the steps that were drawn for an image are applied. Each kind of step has one of these rules, in steps.ts.

import type { RgbImage } from "../decode/image.ts";
import type { Box } from "../pixels/box.ts";
import type { CanvasPart } from "../pixels/canvas-part.ts";
import type { Projection } from "../pixels/projection.ts";

/** Width and height of a canvas in pixels. */
export interface CanvasSize {
  readonly width: number;
  readonly height: number;
}

/** A movement of the whole canvas. */
export interface MoveRule<Step> {
  /** The map from the canvas after `step` back to the one before it, of `width` by `height`. */
  map(step: Step, width: number, height: number): Projection;
  /** The canvas after `step`, if its size changes. */
  canvas?(step: Step, before: CanvasSize): CanvasSize;
}

/** A change of colours that depends on each pixel alone, or on the colours of the whole picture. */
export interface ColourRule<Step> {
  /** Changes [.., 3] pixels in place; means and histograms are taken from these pixels. */
  change(pixels: Uint8Array, step: Step): void;
}

/** A change of pixels that depends on their place or their neighbours. */
export interface LocalRule<Step> {
  /** How many pixels away a pixel still counts; default 0. */
  reach?(step: Step): number;
  /** The pixels of `window` after `step`. `part` covers `window` extended by the reach; it may be changed in place. */
  change(part: CanvasPart, window: Box, step: Step): RgbImage;
}
