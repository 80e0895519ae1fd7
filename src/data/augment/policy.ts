// TrivialAugment and RandAugment: which of 14 changes, and how strong. The lists and strengths are torchvision's.

import type { RandomStream } from "../../core/random.ts";
import type { Border } from "./specs.ts";
import type { Step } from "./steps.ts";

/** The strongest of each change in a list of them, and its weakest posterisation in bits. */
interface Space {
  readonly shear: number;
  readonly pixels: number;
  readonly degrees: number;
  readonly colour: number;
  readonly bits: number;
}

/** Magnitudes count from 0 to this. */
const STRONGEST = 30;

const WIDE: Space = { shear: 0.99, pixels: 32, degrees: 135, colour: 0.99, bits: 2 };

/** One change of TrivialAugment's wide space with a uniform magnitude. */
export function drawTrivialAugment(border: Border, random: RandomStream): readonly Step[] {
  const change = random.integer(0, CHANGES - 1);
  return policyStep(change, random.integer(0, STRONGEST), random.chance(0.5), WIDE, border);
}

/** `count` changes of RandAugment's space at `magnitude`, for a result of `size` pixels. */
export function drawRandAugment(count: number, magnitude: number, border: Border, size: number, random: RandomStream): readonly Step[] {
  const space: Space = { shear: 0.3, pixels: (150 / 331) * size, degrees: 30, colour: 0.9, bits: 4 };
  return Array.from({ length: count }, () =>
    policyStep(random.integer(0, CHANGES - 1), magnitude, random.chance(0.5), space, border),
  ).flat();
}

const CHANGES = 14;

function policyStep(change: number, magnitude: number, negative: boolean, space: Space, border: Border): readonly Step[] {
  const part = magnitude / STRONGEST;
  const signed = (most: number) => most * part * (negative ? -1 : 1);
  const pixels = Math.trunc(signed(space.pixels));
  const factor = 1 + signed(space.colour);
  switch (change) {
    case 0:
      return [{ kind: "shear", x: signed(space.shear), y: 0, border }];
    case 1:
      return [{ kind: "shear", x: 0, y: signed(space.shear), border }];
    case 2:
      return [{ kind: "translate", x: pixels, y: 0, border }];
    case 3:
      return [{ kind: "translate", x: 0, y: pixels, border }];
    case 4:
      return [{ kind: "rotate", degrees: signed(space.degrees), border }];
    case 5:
      return [{ kind: "brightness", factor }];
    case 6:
      return [{ kind: "saturation", factor }];
    case 7:
      return [{ kind: "contrast", factor }];
    case 8:
      return [{ kind: "sharpness", factor }];
    case 9:
      return [{ kind: "posterize", bits: 8 - roundHalfEven((8 - space.bits) * part) }];
    case 10:
      return [{ kind: "solarize", threshold: 255 * (1 - part) }];
    case 11:
      return [{ kind: "autoContrast" }];
    case 12:
      return [{ kind: "equalize" }];
    default:
      return [];
  }
}

// As torch.round, which decides how many of the 31 strengths keep how many bits.
function roundHalfEven(value: number): number {
  return value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
}
