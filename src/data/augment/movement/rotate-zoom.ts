// Rotation, zoom, stretch or nothing.

import type { Border } from "../../pixels/warp.ts";
import type { Augmentation } from "../augmentation.ts";
import { drawRotation, type RotateStep } from "./rotate.ts";
import { drawStretch } from "./stretch.ts";
import { centredZoom, type ZoomStep } from "./zoom.ts";

export interface RotateZoomSpec {
  readonly kind: "rotateZoom";
  readonly degrees: number;
  readonly zoom: number;
  readonly stretch: number;
  readonly ps: readonly [rotate: number, zoom: number, stretch: number, nothing: number];
  readonly mode?: Border;
}

/**
 * One of four: rotated by up to `degrees`, zoomed in by 1 to 1 + `zoom`, stretched along one axis by 1 to 1 + `stretch`, or left alone, with
 * the probabilities `ps` in this order.
 */
export function randomRotateZoom(
  degrees: number,
  zoom: number,
  stretch: number,
  { ps = [0.25, 0.25, 0.25, 0.25], mode = "reflect" }: { ps?: RotateZoomSpec["ps"]; mode?: Border } = {},
): RotateZoomSpec {
  return { kind: "rotateZoom", degrees, zoom, stretch, ps, mode };
}

export const rotateZoom: Augmentation<RotateZoomSpec, RotateStep | ZoomStep> = {
  origin: "fastai 0.7",
  check({ degrees, zoom, stretch, ps }, fields) {
    fields.number("degrees", degrees, 0, 180);
    fields.number("zoom", zoom, 0, 10);
    fields.number("stretch", stretch, 0, 10);
    if (!(ps.length === 4 && ps.every((p) => p >= 0) && Math.abs(ps.reduce((sum, p) => sum + p, 0) - 1) < 1e-6))
      throw fields.error("four probabilities that add up to 1", "ps", ps);
  },
  draw({ degrees, zoom, stretch, ps: [rotated, zoomed, stretched], mode }, random) {
    const choice = random.uniform(0, 1);
    if (choice < rotated) return [drawRotation(degrees, mode, random)];
    if (choice < rotated + zoomed) return [centredZoom(1 + random.uniform(0, zoom))];
    return choice < rotated + zoomed + stretched ? [drawStretch(stretch, random)] : [];
  },
  examples: () => [{ code: "randomRotateZoom(20, 0.5, 0.5)", note: "turn, zoom, stretch, or none", spec: randomRotateZoom(20, 0.5, 0.5) }],
};
