// The table of augmentations, in the order of the documentation. Each has its own file, and here its type, its function and a row.

import { expected } from "../../core/errors.ts";
import type { RandomStream } from "../../core/random.ts";
import type { Augmentation, Canvas } from "./augmentation.ts";
import { FieldChecks } from "./checks.ts";
import { type BrightnessSpec, brightness } from "./colour/brightness.ts";
import { type ContrastSpec, contrast } from "./colour/contrast.ts";
import { type HueSpec, hue } from "./colour/hue.ts";
import { type LightingSpec, lighting } from "./colour/lighting.ts";
import { type SaturationSpec, saturation } from "./colour/saturation.ts";
import { type BlurSpec, blur } from "./local/blur.ts";
import { type CutoutSpec, cutoutAugmentation } from "./local/cutout.ts";
import { type EraseSpec, erase } from "./local/erase.ts";
import { type DihedralSpec, dihedral } from "./movement/dihedral.ts";
import { type FlipSpec, flip } from "./movement/flip.ts";
import { type PadSpec, pad } from "./movement/pad.ts";
import { type PerspectiveSpec, perspective } from "./movement/perspective.ts";
import { type RotateSpec, rotate } from "./movement/rotate.ts";
import { type RotateZoomSpec, rotateZoom } from "./movement/rotate-zoom.ts";
import { type StretchSpec, stretch } from "./movement/stretch.ts";
import { type ZoomSpec, zoom } from "./movement/zoom.ts";
import { type RandAugmentSpec, randAugmentation } from "./policy/rand-augment.ts";
import { type TrivialAugmentSpec, trivialAugmentation } from "./policy/trivial-augment.ts";
import type { Step } from "./steps.ts";

export { randomBrightness } from "./colour/brightness.ts";
export { randomContrast } from "./colour/contrast.ts";
export { randomHue } from "./colour/hue.ts";
export { randomLighting } from "./colour/lighting.ts";
export { randomSaturation } from "./colour/saturation.ts";
export { randomBlur } from "./local/blur.ts";
export { cutout } from "./local/cutout.ts";
export { type Fill, randomErasing } from "./local/erase.ts";
export { randomDihedral } from "./movement/dihedral.ts";
export { randomFlip } from "./movement/flip.ts";
export { addPadding } from "./movement/pad.ts";
export { randomPerspective } from "./movement/perspective.ts";
export { randomRotate } from "./movement/rotate.ts";
export { randomRotateZoom } from "./movement/rotate-zoom.ts";
export { randomStretch } from "./movement/stretch.ts";
export { randomZoom } from "./movement/zoom.ts";
export { randAugment } from "./policy/rand-augment.ts";
export { trivialAugment } from "./policy/trivial-augment.ts";

/**
 * One augmentation as plain data, which worker threads and files can hold; `p` is the probability that it happens at all. The functions that
 * make them (randomRotate, …) explain each.
 */
export type AugmentSpec =
  | RotateSpec
  | LightingSpec
  | FlipSpec
  | DihedralSpec
  | RotateZoomSpec
  | ZoomSpec
  | StretchSpec
  | PadSpec
  | BlurSpec
  | CutoutSpec
  | PerspectiveSpec
  | BrightnessSpec
  | ContrastSpec
  | SaturationSpec
  | HueSpec
  | EraseSpec
  | TrivialAugmentSpec
  | RandAugmentSpec;

/** The rules of each kind. */
export const AUGMENTATIONS = {
  rotate,
  lighting,
  flip,
  dihedral,
  rotateZoom,
  zoom,
  stretch,
  pad,
  blur,
  cutout: cutoutAugmentation,
  perspective,
  brightness,
  contrast,
  saturation,
  hue,
  erase,
  trivialAugment: trivialAugmentation,
  randAugment: randAugmentation,
} as const satisfies { readonly [Kind in AugmentSpec["kind"]]: Augmentation<Extract<AugmentSpec, { kind: Kind }>, Step> };

function rulesOf({ kind }: AugmentSpec): Augmentation<AugmentSpec, Step> {
  return AUGMENTATIONS[kind];
}

/** Throws a UsageError that names the first number of `spec` that is out of its range, or a kind that there is not. */
export function checkAugment(spec: AugmentSpec): void {
  if (!Object.hasOwn(AUGMENTATIONS, spec.kind))
    throw expected(`one of ${Object.keys(AUGMENTATIONS).join(", ")}`, "the kind of an augmentation", spec.kind);
  rulesOf(spec).check(spec, new FieldChecks(spec.kind));
}

/** Draws what `spec` does to a canvas; no step if nothing. */
export function drawSteps(spec: AugmentSpec, canvas: Canvas, random: RandomStream): readonly Step[] {
  return rulesOf(spec).draw(spec, random, canvas);
}

/** Whether `spec` is applied to the crop, after all else. */
export function isAfterCrop(spec: AugmentSpec): boolean {
  return rulesOf(spec).afterCrop === true;
}
