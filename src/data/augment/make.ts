// The augmentations by the names that people know: fastai 0.7's first, then today's. Each returns plain data with its defaults filled in;
// tfmsFromModel checks the numbers.

import type { AugmentSpec, Border, Fill, Range, SpecOf } from "./specs.ts";

/** Turns about the centre by an angle from [−degrees, degrees]. What it uncovers is filled by `mode`, default "reflect". */
export function randomRotate(degrees: number, { p = 0.75, mode = "reflect" }: { p?: number; mode?: Border } = {}): SpecOf<"rotate"> {
  return { kind: "rotate", degrees, p, mode };
}

/**
 * Always: x ← (x − mean)·factor + mean + b on pixels in [0, 1], clipped, with b from [−brightness, brightness], and a factor of 1 + c or
 * 1/(1 − c), c from [−contrast, contrast], so that raising and lowering are equally likely (fastai 0.7's RandomLighting).
 */
export function randomLighting(brightness: number, contrast: number): SpecOf<"lighting"> {
  return { kind: "lighting", brightness, contrast };
}

/** Mirrors left and right. */
export function randomFlip({ p = 0.5 }: { p?: number } = {}): SpecOf<"flip"> {
  return { kind: "flip", p };
}

/** One of the eight symmetries of a square: none to three quarter turns, then with probability ½ mirrored. */
export function randomDihedral({ p = 1 }: { p?: number } = {}): SpecOf<"dihedral"> {
  return { kind: "dihedral", p };
}

/**
 * One of four: turned by up to `degrees`, zoomed into by 1 to 1 + `zoom`, stretched along one axis by 1 to 1 + `stretch`, or left alone,
 * with the probabilities `ps` in this order.
 */
export function randomRotateZoom(
  degrees: number,
  zoom: number,
  stretch: number,
  { ps = [0.25, 0.25, 0.25, 0.25], mode = "reflect" }: { ps?: SpecOf<"rotateZoom">["ps"]; mode?: Border } = {},
): SpecOf<"rotateZoom"> {
  return { kind: "rotateZoom", degrees, zoom, stretch, ps, mode };
}

/** Zooms into the centre by a factor from [1 + min, 1 + max]; `anywhere` true takes a random part instead of the middle. */
export function randomZoom(
  max: number,
  { min = 0, p = 1, anywhere = false }: { min?: number; p?: number; anywhere?: boolean } = {},
): SpecOf<"zoom"> {
  return { kind: "zoom", max, min, p, anywhere };
}

/** Stretches one axis, either equally likely, by a factor from [1, 1 + max] about the centre. */
export function randomStretch(max: number, { p = 1 }: { p?: number } = {}): SpecOf<"stretch"> {
  return { kind: "stretch", max, p };
}

/** Adds `pixels` on each side. */
export function addPadding(pixels: number, { mode = "reflect" }: { mode?: Border } = {}): SpecOf<"pad"> {
  return { kind: "pad", pixels, mode };
}

/**
 * Gaussian blur with a kernel of 2·strength − 1 pixels, the strength picked from the list; its deviation follows the kernel's width as in
 * OpenCV: 0.3·(width/2 − 1.5) + 0.8.
 */
export function randomBlur(strengths: number | readonly number[] = 5, { p = 0.5 }: { p?: number } = {}): SpecOf<"blur"> {
  return { kind: "blur", strengths: typeof strengths === "number" ? [strengths] : strengths, p };
}

/** Black squares of `length` pixels, centred anywhere, cut off at the border; they may overlap (DeVries and Taylor 2017). */
export function cutout(holes: number, length: number, { p = 0.5 }: { p?: number } = {}): SpecOf<"cutout"> {
  return { kind: "cutout", holes, length, p };
}

/**
 * Tilts the picture as if seen from the side and, independently, from above: opposite corners move by up to `magnitude`/2 of the width and
 * height (fastai 2's Warp). `p` counts for each of the two.
 */
export function randomPerspective(
  magnitude = 0.2,
  { p = 0.5, mode = "reflect" }: { p?: number; mode?: Border } = {},
): SpecOf<"perspective"> {
  return { kind: "perspective", magnitude, p, mode };
}

type LightOptions = { p?: number; scale?: "linear" | "logit" };

/**
 * Multiplies by a factor from [1 − max, 1 + max] (torchvision's ColorJitter). On the "logit" scale it shifts log(x/(1 − x)) by that of a
 * number from [(1 − max)/2, (1 + max)/2], which never clips (fastai 2).
 */
export function randomBrightness(max = 0.2, { p = 0.75, scale = "linear" }: LightOptions = {}): SpecOf<"brightness"> {
  return { kind: "brightness", max, p, scale };
}

/**
 * Multiplies the distance from the mean grey by a factor from [1 − max, 1 + max] (torchvision's ColorJitter). On the "logit" scale it
 * multiplies log(x/(1 − x)) by a factor from 1 − max to 1/(1 − max), both directions equally likely (fastai 2).
 */
export function randomContrast(max = 0.2, { p = 0.75, scale = "linear" }: LightOptions = {}): SpecOf<"contrast"> {
  return { kind: "contrast", max, p, scale };
}

/** Multiplies the distance from the pixel's own grey by a factor from [1 − max, 1 + max] (torchvision's ColorJitter). */
export function randomSaturation(max = 0.2, { p = 0.75 }: { p?: number } = {}): SpecOf<"saturation"> {
  return { kind: "saturation", max, p };
}

/** Turns the colour wheel by a part from [−max, max] of a whole turn, max at most ½ (torchvision's ColorJitter). */
export function randomHue(max = 0.1, { p = 0.75 }: { p?: number } = {}): SpecOf<"hue"> {
  return { kind: "hue", max, p };
}

/**
 * Fills a rectangle of the crop, after all else: its share of the area from `scale`, height to width from `ratio`, both on all sides of it
 * equally likely as in torchvision's RandomErasing (Zhong 2017). The default colour is what normalisation makes 0 of: ImageNet's mean.
 */
export function randomErasing({
  p = 0.5,
  scale = [0.02, 0.33],
  ratio = [0.3, 3.3],
  fill = [124, 116, 104],
}: {
  p?: number;
  scale?: Range;
  ratio?: Range;
  fill?: Fill;
} = {}): SpecOf<"erase"> {
  return { kind: "erase", p, scale, ratio, fill };
}

/**
 * One of 14 changes, each equally likely, with a random strength of 31 from none to extreme: the wide space of TrivialAugment (Müller and
 * Hutter 2021), as in torchvision. What a movement uncovers is black unless `mode` says otherwise.
 */
export function trivialAugment({ mode = "zero" }: { mode?: Border } = {}): SpecOf<"trivialAugment"> {
  return { kind: "trivialAugment", mode };
}

/**
 * `count` of 14 changes one after the other, each equally likely, all at `magnitude` on a scale from 0 to 30 (RandAugment, Cubuk 2019), as in
 * torchvision.
 */
export function randAugment({
  count = 2,
  magnitude = 9,
  mode = "zero",
}: {
  count?: number;
  magnitude?: number;
  mode?: Border;
} = {}): SpecOf<"randAugment"> {
  return { kind: "randAugment", count, magnitude, mode };
}

/** Turned by up to 10 degrees (3 of 4 images), brightness and contrast changed by up to 5 %. */
export const transformsBasic: readonly AugmentSpec[] = [randomRotate(10), randomLighting(0.05, 0.05)];

/** For things seen from the side, as in most photographs: transformsBasic, and half of the images mirrored. */
export const transformsSideOn: readonly AugmentSpec[] = [...transformsBasic, randomFlip()];

/**
 * For things seen from above, as satellite and microscope images: transformsBasic, and a random one of the eight symmetries of a square.
 */
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
  /** Probability of perspective, turn and zoom, each by itself; default 0.75. */
  pAffine?: number;
  /** Probability of brightness and contrast, each by itself; default 0.75. */
  pLighting?: number;
}

/** The augmentations that fastai 2 recommends for photographs (its aug_transforms): flip, perspective, rotation, zoom, brightness, contrast. */
export function augTransforms(options: AugTransformsOptions = {}): readonly AugmentSpec[] {
  const { mult = 1, doFlip = true, flipVert = false, maxRotate = 10, minZoom = 1, maxZoom = 1.1 } = options;
  const { maxLighting = 0.2, maxWarp = 0.2, pAffine = 0.75, pLighting = 0.75 } = options;
  const light: LightOptions = { p: pLighting, scale: "logit" };
  return [
    ...(doFlip ? [flipVert ? randomDihedral({ p: 0.5 }) : randomFlip()] : []),
    ...(maxWarp * mult > 0 ? [randomPerspective(maxWarp * mult, { p: pAffine })] : []),
    ...(maxRotate * mult > 0 ? [randomRotate(maxRotate * mult, { p: pAffine })] : []),
    ...(maxZoom > 1 ? [randomZoom(maxZoom - 1, { min: minZoom - 1, p: pAffine, anywhere: true })] : []),
    ...(maxLighting * mult > 0 ? [randomBrightness(maxLighting * mult, light), randomContrast(maxLighting * mult, light)] : []),
  ];
}
