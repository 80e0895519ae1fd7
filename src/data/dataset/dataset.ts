// A data set: images with their targets, in three parts. What is done to the images on their way into a network is not part of it.

import type { Item, ScannedItem } from "./items.ts";
import type { TargetKind } from "./targets.ts";

/** A part of a data set. */
export type Part = "train" | "valid" | "test";

/** A data set before any of its images is read. */
export interface ListedDataset {
  /** Absolute path. */
  readonly path: string;
  /** What is learnt about an image: one class, which of several labels it has, or numbers. */
  readonly kind: TargetKind;
  /** Names of the classes, sorted; labels are indices into them. If the targets are numbers, the names of their columns. */
  readonly classes: readonly string[];
  readonly train: readonly Item[];
  readonly valid: readonly Item[];
  /** Empty unless a test folder was named; the label is −1 for images that lie in no class folder. */
  readonly test: readonly Item[];
}

/** A data set whose images can all be read. */
export interface ImageDataset extends ListedDataset {
  readonly train: readonly ScannedItem[];
  readonly valid: readonly ScannedItem[];
  readonly test: readonly ScannedItem[];
  /** Number of images that could not be read. */
  readonly leftOut: number;
}
