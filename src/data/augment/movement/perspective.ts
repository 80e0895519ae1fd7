// Views from the side and from above.

import { quadrilateral } from "../../pixels/projection.ts";
import type { Border } from "../../pixels/warp.ts";
import type { Augmentation } from "../augmentation.ts";
import type { MoveRule } from "../step.ts";

export interface PerspectiveSpec {
  readonly kind: "perspective";
  readonly magnitude: number;
  readonly p: number;
  readonly mode?: Border;
}

/** Corners move by half of `x` of the height and half of `y` of the width, opposite corners alike. */
export interface PerspectiveStep {
  readonly kind: "perspective";
  readonly x: number;
  readonly y: number;
  readonly border: Border;
}

/**
 * Tilts the picture as if seen from the side and, independently, from above: opposite corners move by up to `magnitude`/2 of the width and
 * height (fastai 2's Warp). `p` applies to each of the two.
 */
export function randomPerspective(magnitude = 0.2, { p = 0.5, mode = "reflect" }: { p?: number; mode?: Border } = {}): PerspectiveSpec {
  return { kind: "perspective", magnitude, p, mode };
}

export const perspective: Augmentation<PerspectiveSpec, PerspectiveStep> = {
  origin: "newer",
  check({ p, magnitude }, fields) {
    fields.probability(p);
    // Beyond this tilt, the horizon would come far into view.
    fields.number("magnitude", magnitude, 0, 0.4);
  },
  draw({ magnitude, p, mode = "reflect" }, random) {
    const tilt = () => (random.chance(p) ? random.uniform(-magnitude, magnitude) : 0);
    const [x, y] = [tilt(), tilt()];
    return x === 0 && y === 0 ? [] : [{ kind: "perspective", x, y, border: mode }];
  },
  examples: () => [{ code: "randomPerspective(0.2)", note: "from the side and from above", spec: randomPerspective(0.2, { p: 1 }) }],
};

export const perspectiveStep: MoveRule<PerspectiveStep> = {
  map({ x, y }, width, height) {
    const corners = [
      [-y / 2, -x / 2],
      [1 + y / 2, x / 2],
      [1 - y / 2, 1 - x / 2],
      [y / 2, 1 + x / 2],
    ] as const;
    return quadrilateral(corners, width, height);
  },
};
