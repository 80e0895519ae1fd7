// Colours of the sample pictures. Cats and dogs share them, so that colour does not tell them apart.

import type { RandomStream } from "../core/random.ts";

/** Ginger, brown, near black, grey, white, cream, tan, chocolate, fawn, blue grey. */
export const COATS = [
  "#d98b3a",
  "#8a5a34",
  "#3f3b3c",
  "#8d9096",
  "#efe9df",
  "#e6c795",
  "#b9804d",
  "#5d4636",
  "#c9b8a3",
  "#6f7a85",
] as const;
/** Collars, balls, cushions. */
export const BRIGHTS = ["#d6453d", "#2f78c4", "#2f9e5b", "#e8b62c", "#8b4fb3", "#e77ba6", "#29a6a6", "#f08a3c"] as const;
/** Walls, rugs, furniture. */
export const MUTED = [
  "#c9d6cf",
  "#e8d9c3",
  "#b7c4d6",
  "#d8b9a8",
  "#9fae98",
  "#a99bb5",
  "#6d8291",
  "#b08d6a",
  "#7d6a5c",
  "#d9d2e0",
] as const;
/** Irises. */
export const EYES = ["#7fae3f", "#d9a520", "#5f9fc9", "#8a5a2b", "#5a3a22", "#b5772e"] as const;

/** One of `values`, each equally likely. */
export function pick<T>(random: RandomStream, values: readonly T[]): T {
  return values[random.integer(0, values.length - 1)] as T;
}

/** The colour `share` in [0, 1] of the way from `from` to `to`, both "#rrggbb". */
export function mix(from: string, to: string, share: number): string {
  const [a, b] = [channels(from), channels(to)];
  return `#${a.map((value, i) => hex(value + ((b[i] as number) - value) * share)).join("")}`;
}

/** `colour` slightly lighter or darker and shifted in hue. */
export function varied(random: RandomStream, colour: string): string {
  return `#${channels(colour)
    .map((value) => hex(value + random.uniform(-16, 16)))
    .join("")}`;
}

/** The lightness of a colour, in [0, 1] (luma of ITU-R BT.601). */
export function lightness(colour: string): number {
  const [red, green, blue] = channels(colour) as [number, number, number];
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
}

function hex(value: number): string {
  return Math.round(Math.min(255, Math.max(0, value)))
    .toString(16)
    .padStart(2, "0");
}
