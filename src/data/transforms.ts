// Transforms as plain data: how a photograph becomes size × size pixels, for training and for validation. Numbers and order are fastai
// 0.7's.

import { expected } from "../core/errors.ts";

/** One augmentation. `p` is the probability that it happens at all. */
export type AugmentSpec =
  | { readonly kind: "rotate"; readonly degrees: number; readonly p: number }
  | { readonly kind: "lighting"; readonly brightness: number; readonly contrast: number }
  | { readonly kind: "flip"; readonly p: number }
  | { readonly kind: "dihedral" }
  | { readonly kind: "zoom"; readonly max: number; readonly p: number }
  | { readonly kind: "stretch"; readonly max: number; readonly p: number }
  | { readonly kind: "cutout"; readonly holes: number; readonly length: number; readonly p: number };

/**
 * How the square is taken: "random" and "center" cut it from the image scaled to the short side, "none" squashes the whole image into it,
 * "googlenet" scales a random part (8 to 100 % of the area, aspect 3:4 to 4:3; Szegedy 2014), without scale and padding.
 */
export type Crop = "random" | "center" | "none" | "googlenet";

/** One transform, in this order: scale so that the short side is `size` (times a zoom), reflect `pad` pixels outward, augment, crop. */
export interface TransformSpec {
  /** Width and height of the result in pixels. */
  readonly size: number;
  readonly crop: Crop;
  /** With probability 3/4 the scale is multiplied by a uniform draw from [1, maxZoom]. */
  readonly maxZoom?: number;
  /** Pixels added on each side by reflection. */
  readonly pad: number;
  readonly augment: readonly AugmentSpec[];
}

/** What happens to images on their way into a network: pixels by `train` or `valid`, then (x/255 − mean)/std per channel. */
export interface Transforms {
  readonly train: TransformSpec;
  readonly valid: TransformSpec;
  readonly size: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Options of tfmsFromModel. */
export interface TransformOptions {
  /** Augmentations of training images, in order; default none. */
  augTfms?: readonly AugmentSpec[];
  /** Zoom into training images by up to this factor, at least 1. */
  maxZoom?: number;
  /** Pixels of reflected border, for training and validation; default 0. */
  pad?: number;
  /** Crop of training images; default "random". Validation uses "center", or "none" where training does. */
  crop?: Crop;
}

/** Turned by up to 10 degrees (3 of 4 images), brightness and contrast changed by up to 5 %. */
export const transformsBasic: readonly AugmentSpec[] = [
  { kind: "rotate", degrees: 10, p: 0.75 },
  { kind: "lighting", brightness: 0.05, contrast: 0.05 },
];

/** For things seen from the side, as in most photographs: transformsBasic, and half of the images mirrored. */
export const transformsSideOn: readonly AugmentSpec[] = [...transformsBasic, { kind: "flip", p: 0.5 }];

/**
 * For things seen from above, as satellite and microscope images: transformsBasic, and a random one of the eight symmetries of a square.
 */
export const transformsTopDown: readonly AugmentSpec[] = [...transformsBasic, { kind: "dihedral" }];

/**
 * The transforms for a network that was trained on images normalised with `mean` and `std`, at `size` pixels. Throws for a size or zoom
 * that cannot be.
 */
export function tfmsFromModel(architecture: Pick<Transforms, "mean" | "std">, size: number, options: TransformOptions = {}): Transforms {
  const { augTfms = [], maxZoom, pad = 0, crop = "random" } = options;
  checkSize(size);
  if (maxZoom !== undefined && !(maxZoom >= 1)) throw expected("a number of at least 1", "maxZoom", maxZoom, "1.1 zooms in by up to 10 %.");
  if (!Number.isInteger(pad) || pad < 0) throw expected("a whole number of pixels", "pad", pad);
  const { mean, std } = architecture;
  return {
    train: { size, crop, ...(maxZoom === undefined ? {} : { maxZoom }), pad, augment: augTfms },
    valid: { size, crop: crop === "none" ? "none" : "center", pad, augment: [] },
    size,
    mean,
    std,
  };
}

/** The same transforms at another size. */
export function transformsWithSize(transforms: Transforms, size: number): Transforms {
  checkSize(size);
  return { ...transforms, size, train: { ...transforms.train, size }, valid: { ...transforms.valid, size } };
}

function checkSize(size: number): void {
  if (!Number.isInteger(size) || size < 1)
    throw expected("a whole number of pixels, at least 1", "size", size, "Most networks were trained at 224.");
}
