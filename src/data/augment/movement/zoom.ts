// Zooming in.

import { affine } from "../../pixels/projection.ts";
import type { Augmentation } from "../augmentation.ts";
import type { MoveRule } from "../step.ts";

export interface ZoomSpec {
  readonly kind: "zoom";
  readonly max: number;
  readonly p: number;
  readonly min?: number;
  readonly anywhere?: boolean;
}

/** Factors along each axis; `across` and `down`, from 0 to 1, say which part stays in view. 0.5 is the middle. */
export interface ZoomStep {
  readonly kind: "zoom";
  readonly x: number;
  readonly y: number;
  readonly across: number;
  readonly down: number;
}

/** Zooms into the centre by a factor from [1 + min, 1 + max]; `anywhere` true takes a random part instead of the middle. */
export function randomZoom(
  max: number,
  { min = 0, p = 1, anywhere = false }: { min?: number; p?: number; anywhere?: boolean } = {},
): ZoomSpec {
  return { kind: "zoom", max, min, p, anywhere };
}

/** A zoom into the centre by these factors. */
export function centredZoom(x: number, y = x): ZoomStep {
  return { kind: "zoom", x, y, across: 0.5, down: 0.5 };
}

export const zoom: Augmentation<ZoomSpec, ZoomStep> = {
  origin: "fastai 0.7",
  check({ p, min = 0, max }, fields) {
    fields.probability(p);
    fields.interval("min and max", [min, max], 0, 10);
  },
  draw({ max, p, min = 0, anywhere }, random) {
    if (!random.chance(p)) return [];
    const factor = 1 + random.uniform(min, max);
    const centred = centredZoom(factor);
    return [anywhere ? { ...centred, across: random.uniform(0, 1), down: random.uniform(0, 1) } : centred];
  },
  examples: () => [{ code: "randomZoom(0.5)", note: "into the middle by 1 to 1.5", spec: randomZoom(0.5) }],
};

export const zoomStep: MoveRule<ZoomStep> = {
  map({ x, y, across, down }, width, height) {
    // Half a pixel, because the part in view ends at the edges of pixels, not at their centres.
    const offset = (start: number, length: number, factor: number) => start * (length - length / factor) + 0.5 / factor - 0.5;
    return affine(1 / x, 0, offset(across, width, x), 0, 1 / y, offset(down, height, y));
  },
};
