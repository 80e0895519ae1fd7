// The size of the images that a network is given if none is asked for.

import type { Architecture } from "./scope.ts";

/**
 * From this number of training images on they are no longer few. Below it larger images gain more than training all layers, for less work
 * (bench/README.md).
 */
export const FEW = 1000;

/** Side in pixels of the images from which `architecture`, or a head on its features, learns by default if there are `train` of them. */
export function imageSize({ size, sharperSize = size }: Pick<Architecture, "size" | "sharperSize">, train: number): number {
  return train < FEW ? sharperSize : size;
}
