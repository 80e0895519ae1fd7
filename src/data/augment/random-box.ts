// Random rectangles as torchvision draws them, for crops and erasing.

import type { RandomStream } from "../../core/random.ts";
import type { Box } from "../pixels/box.ts";
import type { Interval } from "./checks.ts";

/** How often sides are drawn until a rectangle fits. */
export const ATTEMPTS = 10;

/**
 * Draws the sides of a rectangle in whole pixels, [√(a·r), √(a/r)]: the area a as a share of `width` × `height`, uniform in `scale`, and the
 * logarithm of the aspect r, uniform in `ratio`.
 */
export function drawSides(
  width: number,
  height: number,
  scale: Interval,
  ratio: Interval,
  random: RandomStream,
): readonly [number, number] {
  const area = random.uniform(scale[0], scale[1]) * width * height;
  const aspect = Math.exp(random.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
  return [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
}

/** Draws where a rectangle of `across` by `down` lies in an area of `width` by `height`. */
export function drawPlace(across: number, down: number, width: number, height: number, random: RandomStream): Box {
  return { left: random.integer(0, width - across), top: random.integer(0, height - down), width: across, height: down };
}
