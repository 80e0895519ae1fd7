// The 14 changes that TrivialAugment and RandAugment choose from. Lists and strengths are torchvision's.

import type { Border } from "../../pixels/warp.ts";
import type { AutoContrastStep } from "../colour/auto-contrast.ts";
import type { BrightnessStep } from "../colour/brightness.ts";
import type { ContrastStep } from "../colour/contrast.ts";
import type { EqualizeStep } from "../colour/equalize.ts";
import type { PosterizeStep } from "../colour/posterize.ts";
import type { SaturationStep } from "../colour/saturation.ts";
import type { SolarizeStep } from "../colour/solarize.ts";
import type { SharpnessStep } from "../local/sharpness.ts";
import type { RotateStep } from "../movement/rotate.ts";
import type { ShearStep } from "../movement/shear.ts";
import type { TranslateStep } from "../movement/translate.ts";

/** What a policy may do to an image. */
export type PolicyStep =
  | ShearStep
  | TranslateStep
  | RotateStep
  | BrightnessStep
  | SaturationStep
  | ContrastStep
  | SharpnessStep
  | PosterizeStep
  | SolarizeStep
  | AutoContrastStep
  | EqualizeStep;

/** The strongest of each change, and the fewest bits of posterisation. */
export interface Space {
  readonly shear: number;
  readonly pixels: number;
  readonly degrees: number;
  readonly colour: number;
  readonly bits: number;
}

/** Magnitudes are whole numbers from 0 to this. */
export const STRONGEST = 30;

/** One of these at one magnitude; the last does nothing. */
export const CHANGES = 14;

/** Change number `change`, from 0, at `magnitude` of `space`; `negative` turns those that have a direction. */
export function policySteps(change: number, magnitude: number, negative: boolean, space: Space, border: Border): readonly PolicyStep[] {
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

// As torch.round, which decides how many of the 31 magnitudes leave how many bits.
function roundHalfEven(value: number): number {
  return value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
}
