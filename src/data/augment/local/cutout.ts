// Black squares.

import type { RandomStream } from "../../../core/random.ts";
import type { Box } from "../../pixels/box.ts";
import { fill } from "../../pixels/canvas-part.ts";
import type { Augmentation, Canvas } from "../augmentation.ts";
import type { LocalRule } from "../step.ts";

export interface CutoutSpec {
  readonly kind: "cutout";
  readonly holes: number;
  readonly length: number;
  readonly p: number;
}

/** Blackens `boxes`. */
export interface HolesStep {
  readonly kind: "holes";
  readonly boxes: readonly Box[];
}

/** Black squares of `length` pixels, centred anywhere, cut off at the border; they may overlap (DeVries and Taylor 2017). */
export function cutout(holes: number, length: number, { p = 0.5 }: { p?: number } = {}): CutoutSpec {
  return { kind: "cutout", holes, length, p };
}

export const cutoutAugmentation: Augmentation<CutoutSpec, HolesStep> = {
  origin: "fastai 0.7",
  check({ p, holes, length }, fields) {
    fields.probability(p);
    fields.integer("holes", holes, 0, 1000);
    fields.integer("length", length, 0, 4096);
  },
  draw({ holes, length, p }, random, canvas) {
    return random.chance(p) ? [{ kind: "holes", boxes: Array.from({ length: holes }, () => drawHole(canvas, length, random)) }] : [];
  },
  examples(size) {
    const length = Math.max(1, Math.round(size * 0.25));
    return [{ code: `cutout(3, ${length})`, note: "black squares anywhere", spec: cutout(3, length, { p: 1 }) }];
  },
};

function drawHole({ width, height }: Canvas, length: number, random: RandomStream): Box {
  const half = Math.floor(length / 2);
  const span = (side: number) => {
    const centre = random.integer(0, side - 1);
    return [Math.max(0, centre - half), Math.min(side, centre + half)] as const;
  };
  const [[left, right], [top, bottom]] = [span(width), span(height)];
  return { left, top, width: right - left, height: bottom - top };
}

export const holesStep: LocalRule<HolesStep> = {
  change(part, _, { boxes }) {
    for (const box of boxes) fill(part, box, () => 0);
    return part.image;
  },
};
