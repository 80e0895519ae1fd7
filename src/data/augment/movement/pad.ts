// A border around the picture.

import { affine } from "../../pixels/projection.ts";
import type { Border } from "../../pixels/warp.ts";
import type { Augmentation } from "../augmentation.ts";
import type { MoveRule } from "../step.ts";

export interface PadSpec {
  readonly kind: "pad";
  readonly pixels: number;
  readonly mode?: Border;
}

export interface PadStep {
  readonly kind: "pad";
  readonly pixels: number;
  readonly border: Border;
}

/** Adds `pixels` on each side. */
export function addPadding(pixels: number, { mode = "reflect" }: { mode?: Border } = {}): PadSpec {
  return { kind: "pad", pixels, mode };
}

export const pad: Augmentation<PadSpec, PadStep> = {
  origin: "fastai 0.7",
  check({ pixels }, fields) {
    fields.integer("pixels", pixels, 0, 4096);
  },
  draw: ({ pixels, mode = "reflect" }) => (pixels > 0 ? [{ kind: "pad", pixels, border: mode }] : []),
  examples(size) {
    const pixels = Math.max(1, Math.round(size * 0.2));
    const modes = ["reflect", "edge", "zero"] as const;
    const spec = modes.map((mode) => addPadding(pixels, { mode }));
    return [{ code: `addPadding(${pixels})`, note: 'mode "reflect", "edge", "zero"', spec }];
  },
};

export const padStep: MoveRule<PadStep> = {
  map: ({ pixels }) => affine(1, 0, -pixels, 0, 1, -pixels),
  canvas: ({ pixels }, { width, height }) => ({ width: width + 2 * pixels, height: height + 2 * pixels }),
};
