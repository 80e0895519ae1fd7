// Erasing a rectangle.

import { randomStream } from "../../../core/random.ts";
import type { Box } from "../../pixels/box.ts";
import { fill } from "../../pixels/canvas-part.ts";
import type { Augmentation } from "../augmentation.ts";
import type { Interval } from "../checks.ts";
import { ATTEMPTS, drawPlace, drawSides } from "../random-box.ts";
import type { LocalRule } from "../step.ts";

type Colour = readonly [red: number, green: number, blue: number];

/** What fills an erased rectangle: one colour [red, green, blue] of 0 to 255, or a random colour for each pixel. */
export type Fill = Colour | "noise";

export interface EraseSpec {
  readonly kind: "erase";
  readonly p: number;
  readonly scale: Interval;
  readonly ratio: Interval;
  readonly fill: Fill;
}

/** Fills `box` with a colour, or with random pixels of the seed `noise`. */
export interface EraseStep {
  readonly kind: "erase";
  readonly box: Box;
  readonly fill: Colour | { readonly noise: number };
}

/**
 * Fills a rectangle of the crop, after all else. Its share of the area is uniform in `scale`, and the logarithm of its height to width uniform
 * in `ratio`, as in torchvision's RandomErasing (Zhong 2017). The default colour is ImageNet's mean, which normalisation turns into 0.
 */
export function randomErasing({
  p = 0.5,
  scale = [0.02, 0.33],
  ratio = [0.3, 3.3],
  fill = [124, 116, 104],
}: {
  p?: number;
  scale?: Interval;
  ratio?: Interval;
  fill?: Fill;
} = {}): EraseSpec {
  return { kind: "erase", p, scale, ratio, fill };
}

export const erase: Augmentation<EraseSpec, EraseStep> = {
  origin: "newer",
  afterCrop: true,
  check({ p, scale, ratio, fill }, fields) {
    fields.probability(p);
    fields.interval("scale", scale, 0, 1);
    fields.interval("ratio", ratio, 0.01, 100);
    if (fill !== "noise") for (const value of fill) fields.number("fill", value, 0, 255);
  },
  draw({ p, scale, ratio, fill }, random, { width, height }) {
    if (!random.chance(p)) return [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [down, across] = drawSides(width, height, scale, ratio, random);
      if (across >= width || down >= height) continue;
      const box = drawPlace(across, down, width, height, random);
      return [{ kind: "erase", box, fill: fill === "noise" ? { noise: random.bits() } : fill }];
    }
    return [];
  },
  examples: () => [
    { code: "randomErasing()", note: "2 to 33 % of the area", spec: randomErasing({ p: 1 }) },
    { code: 'randomErasing({ fill: "noise" })', note: "random pixels", spec: randomErasing({ p: 1, fill: "noise" }) },
  ],
};

export const eraseStep: LocalRule<EraseStep> = {
  change(part, _, { box, fill: filling }) {
    if ("noise" in filling) {
      const random = randomStream("erase", filling.noise);
      fill(part, box, () => random.bits() & 0xff);
    } else fill(part, box, (channel) => filling[channel]!);
    return part.image;
  },
};
