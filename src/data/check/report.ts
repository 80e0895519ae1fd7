// What a check found, as plain data, and what of it makes a data set unfit to be trusted.

import type { Part } from "../dataset/dataset.ts";
import type { ImageFormat } from "../decode/image.ts";

/** An image of a data set that a check speaks of. */
export interface CheckedImage {
  /** Path relative to the data set's folder, with "/". */
  readonly name: string;
  readonly part: Part;
  /** Undefined for a test image without one. */
  readonly class: string | undefined;
}

/** How many images of a class there are, those that cannot be read included. */
export interface ClassCount {
  readonly class: string;
  readonly train: number;
  readonly valid: number;
  readonly test: number;
}

/** An image that cannot be read: what is wrong in a few words ("truncated JPEG"). */
export interface BrokenImage extends CheckedImage {
  readonly reason: string;
}

/** An image whose content is not what its name says. It is read all the same, by its content. */
export interface MisnamedImage extends CheckedImage {
  readonly format: ImageFormat;
}

/** Images that are copies of each other. */
export interface Copies {
  /** True if all are the same file; otherwise they only look the same: scaled, saved again, slightly cropped, relit or mirrored. */
  readonly exact: boolean;
  /** At least two, sorted by name. */
  readonly images: readonly CheckedImage[];
  /** True if they lie in different parts (training, validation, test): results look better than they are. */
  readonly leak: boolean;
  /** True if they have different classes: at least one is wrong. */
  readonly conflict: boolean;
}

/** An image of odd size: `tiny` has a side below TINY pixels, `long` is more than LONG times as long as wide. */
export interface OddImage extends CheckedImage {
  readonly width: number;
  readonly height: number;
  readonly odd: "tiny" | "long";
}

/** Below so many pixels of the smaller side an image holds too little for a network that was trained at 224. */
export const TINY = 64;
/** Beyond this ratio of its sides the centre crop shows less than a third of an image. */
export const LONG = 3;
/** From this ratio on of the largest to the smallest class, in training images, the classes are told to be uneven. */
export const UNEVEN = 3;

/** What `checkFolder` found. */
export interface CheckReport {
  /** Absolute path of the data set. */
  readonly path: string;
  /** True if there is no validation folder, so that thaw draws the split itself. */
  readonly drawn: boolean;
  readonly images: number;
  /** In the order of the class indices. */
  readonly classes: readonly ClassCount[];
  /** Training images of the largest class for each of the smallest, 1 or more. */
  readonly imbalance: number;
  readonly broken: readonly BrokenImage[];
  readonly misnamed: readonly MisnamedImage[];
  readonly copies: readonly Copies[];
  /** Groups that look alike without being copies, such as two shots of one scene, for the user to look at. One copy stands for all. */
  readonly alike: readonly (readonly CheckedImage[])[];
  readonly odd: readonly OddImage[];
  /** The lower quartile, median and upper quartile of the smaller side, in pixels; undefined if no image can be read. */
  readonly sides: readonly [number, number, number] | undefined;
  /** What in the folder is ignored, as sentences for the user. */
  readonly passedBy: readonly string[];
  /** False if something makes results wrong or too good: broken files, copies across training and validation or across classes. */
  readonly sound: boolean;
}

/** True if nothing in `report` makes results wrong or too good. In a split that is drawn, copies may fall on both sides. */
export function isSound({ broken, copies, drawn }: Pick<CheckReport, "broken" | "copies" | "drawn">): boolean {
  return broken.length === 0 && !copies.some(({ leak, conflict }) => leak || conflict || drawn);
}
