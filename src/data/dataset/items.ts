// Items: the images of a data set, how they are put in order and split.

import { expected } from "../../core/errors.ts";
import { randomStream } from "../../core/random.ts";
import type { PixelImage } from "../decode/image.ts";
import type { FileStatus } from "../files/file-tree.ts";
import type { KeptPixels } from "./kept-pixels.ts";

/** One image of a data set. */
export interface Item {
  /** Absolute path; the name if `image` or `read` is given. */
  readonly file: string;
  /** Reads the bytes of the file if it does not lie on this machine's disk. Throws ImageError. */
  readonly read?: () => Promise<Uint8Array>;
  /** Size and date of a file that `read` reads; undefined if they are not known. */
  readonly stat?: () => Promise<FileStatus | undefined>;
  /**
   * Path relative to the data set's folder, with "/" on every platform: what predictions are reported under, and the key of its
   * augmentation.
   */
  readonly name: string;
  /** Index into the classes; −1 if none is known (a test set), or if the target is not a single class. */
  readonly label: number;
  /** If images may have several labels: this one's, as ascending indices into the classes; empty if it has none of them. */
  readonly labels?: readonly number[];
  /** The decoded image, if it is in memory and not in a file. */
  readonly image?: PixelImage;
  /** If the targets are numbers: one for each column of the data set. */
  readonly values?: readonly number[];
}

/** What is known of an image that can be read. */
export interface ImageFacts {
  /** SHA-256 of the file, in hex. */
  readonly hash: string;
  /** Of the upright image, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** An item that can be read, with what is known of its image. */
export interface ScannedItem extends Item, ImageFacts {
  /** Where its pixels may be kept, so that it need not be decoded again. */
  readonly kept?: KeptPixels;
}

/** Orders text by its UTF-16 units: the same on every machine, whatever its language. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Splits items into training and validation, class by class: `fraction` of each (rounded, at least one, never all). Which ones depends on
 * the seed and each item's name alone, so that adding a picture moves hardly any other. Both parts keep the order of `items`.
 */
export function splitItems<T extends Item>(items: readonly T[], fraction: number, seed: number): { train: T[]; valid: T[] } {
  if (!(fraction > 0 && fraction < 1))
    throw expected("a number between 0 and 1", "validFraction", fraction, "0.2 keeps a fifth of the images for validation.");
  const byLabel = new Map<number, T[]>();
  for (const item of items) {
    const members = byLabel.get(item.label);
    if (members) members.push(item);
    else byLabel.set(item.label, [item]);
  }
  const chosen = new Set<T>();
  for (const members of byLabel.values()) {
    const drawn = members.map((item) => ({ item, draw: randomStream(seed, "split", item.name).uniform(0, 1) }));
    drawn.sort((a, b) => a.draw - b.draw || byText(a.item.name, b.item.name));
    const count = Math.min(members.length - 1, Math.max(1, Math.round(members.length * fraction)));
    for (const { item } of drawn.slice(0, count)) chosen.add(item);
  }
  return { train: items.filter((item) => !chosen.has(item)), valid: items.filter((item) => chosen.has(item)) };
}
