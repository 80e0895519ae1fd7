// Lists of augmentations by the names that fastai gives them.

import {
  type AugmentSpec,
  randomBrightness,
  randomContrast,
  randomDihedral,
  randomFlip,
  randomLighting,
  randomPerspective,
  randomRotate,
  randomZoom,
} from "./augmentations.ts";

/** Rotated by up to 10 degrees (3 of 4 images), brightness and contrast changed by up to 5 %. */
export const transformsBasic: readonly AugmentSpec[] = [randomRotate(10), randomLighting(0.05, 0.05)];

/** For things seen from the side, as in most photographs: transformsBasic, and half of the images mirrored. */
export const transformsSideOn: readonly AugmentSpec[] = [...transformsBasic, randomFlip()];

/** For things seen from above, such as satellite and microscope images: transformsBasic, and one of the eight symmetries of a square. */
export const transformsTopDown: readonly AugmentSpec[] = [...transformsBasic, randomDihedral()];

/** Options of augTransforms; the defaults are fastai 2's. */
export interface AugTransformsOptions {
  /** Factor on maxRotate, maxWarp and maxLighting; default 1. */
  mult?: number;
  /** Mirror half of the images; default true. */
  doFlip?: boolean;
  /** With doFlip, one of the eight symmetries of a square for half of the images instead; default false. */
  flipVert?: boolean;
  /** Degrees; default 10. */
  maxRotate?: number;
  /** At least 1; default 1. */
  minZoom?: number;
  /** Default 1.1. */
  maxZoom?: number;
  /** Brightness and contrast on the logit scale; default 0.2. */
  maxLighting?: number;
  /** Perspective; default 0.2. */
  maxWarp?: number;
  /** Probability of each of perspective, rotation and zoom; default 0.75. */
  pAffine?: number;
  /** Probability of each of brightness and contrast; default 0.75. */
  pLighting?: number;
}

/** The augmentations that fastai 2 recommends for photographs (its aug_transforms): flip, perspective, rotation, zoom, brightness, contrast. */
export function augTransforms(options: AugTransformsOptions = {}): readonly AugmentSpec[] {
  const { mult = 1, doFlip = true, flipVert = false, maxRotate = 10, minZoom = 1, maxZoom = 1.1 } = options;
  const { maxLighting = 0.2, maxWarp = 0.2, pAffine = 0.75, pLighting = 0.75 } = options;
  const light = { p: pLighting, scale: "logit" } as const;
  return [
    ...(doFlip ? [flipVert ? randomDihedral({ p: 0.5 }) : randomFlip()] : []),
    ...(maxWarp * mult > 0 ? [randomPerspective(maxWarp * mult, { p: pAffine })] : []),
    ...(maxRotate * mult > 0 ? [randomRotate(maxRotate * mult, { p: pAffine })] : []),
    ...(maxZoom > 1 ? [randomZoom(maxZoom - 1, { min: minZoom - 1, p: pAffine, anywhere: true })] : []),
    ...(maxLighting * mult > 0 ? [randomBrightness(maxLighting * mult, light), randomContrast(maxLighting * mult, light)] : []),
  ];
}
