// Pairs of images that are nearly the same: by the network's features, and by their pixels as `thaw check` finds them.

import { type CompareOptions, comparePictures } from "../data/check/compare-pictures.ts";
import type { Item } from "../data/dataset/items.ts";
import { type NearPair, type Neighbours, nearPairs } from "./neighbours.ts";

/** Groups of images, by their positions. */
export interface PictureGroups {
  /** The same picture, also scaled, saved again, slightly cropped, relit or mirrored. */
  readonly copies: readonly (readonly number[])[];
  /** Alike without being copies. */
  readonly alike: readonly (readonly number[])[];
}

/** What the pixels of the files of `items` in the folder `root` say; images in memory are in no group. */
export async function sameOnDisk(items: readonly Item[], root: string, options: CompareOptions): Promise<PictureGroups> {
  const onDisk = [...items.keys()].filter((position) => !items[position]!.image);
  if (onDisk.length < 2) return { copies: [], alike: [] };
  const { copies, alike } = await comparePictures(
    onDisk.map((position) => items[position]!),
    root,
    options,
  );
  const positions = (groups: PictureGroups["copies"]) => groups.map((group) => group.map((at) => onDisk[at]!));
  return { copies: positions(copies), alike: positions(alike) };
}

/**
 * Each pair once, copies before others and of each the most similar first: those that are similar by `least` or more, and of each group its
 * first with each of the rest. `similarityOf` compares two rows.
 */
export function duplicatePairs(
  neighbours: Neighbours,
  least: number,
  { copies, alike }: PictureGroups,
  similarityOf: (a: number, b: number) => number,
): readonly (NearPair & { readonly copy: boolean })[] {
  const groupOf = new Map(copies.flatMap((group, index) => group.map((position) => [position, index] as const)));
  const grouped = [...copies, ...alike].flatMap(([first, ...rest]) => rest.map((other) => pairOf(first as number, other, similarityOf)));
  const pairs = new Map([...grouped, ...nearPairs(neighbours, least)].map((pair) => [`${pair.a} ${pair.b}`, pair]));
  return [...pairs.values()]
    .map((pair) => ({ ...pair, copy: groupOf.has(pair.a) && groupOf.get(pair.a) === groupOf.get(pair.b) }))
    .sort((x, y) => Number(y.copy) - Number(x.copy) || y.similarity - x.similarity);
}

function pairOf(one: number, other: number, similarityOf: (a: number, b: number) => number): NearPair {
  const [a, b] = [Math.min(one, other), Math.max(one, other)];
  return { a, b, similarity: similarityOf(a, b) };
}

/** The cosine of two rows of `values` [rows, width], in [−1, 1]; 0 if one of them is 0. */
export function cosine(values: Float32Array, width: number, a: number, b: number): number {
  let [product, first, second] = [0, 0, 0];
  for (let i = 0; i < width; i++) {
    const [x, y] = [values[a * width + i]!, values[b * width + i]!];
    product += x * y;
    first += x * x;
    second += y * y;
  }
  return first * second === 0 ? 0 : product / Math.sqrt(first * second);
}
