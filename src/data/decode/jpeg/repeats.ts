// A quick look at the end of a decoded JPEG. Where its data end early, a decoder goes on with zero bits: the rest of the picture is one unit of 8 to
// 32 pixels again and again, with nothing new but its brightness. Or it leaves the rest grey. A picture that looks so may also be flat there.

import type { RgbImage } from "../image.ts";
import type { JpegHeader } from "./header.ts";

/** Width and height of a block of brightness, in pixels. */
const BLOCK = [8, 8] as const;
/** So many units at the end are looked at. */
const UNITS = 3;
/** How far, in levels of 255, two units may be from one shift of brightness, on average: what rounding leaves. */
const ROUNDING = 1.5;
/** The same as a share of what the pixels of a unit are from their mean: colours of the rows above are mixed in. */
const MIXED = 0.1;

/** Levels of 255 that the pixels of a smooth part span. */
const SMOOTH = 4;

/** True if the last units, [width, height] pixels each, may be one that repeats. */
export function endRepeats(
  { width, height, data }: RgbImage,
  { orientation, zeroIsPattern, zeroDrifts }: JpegHeader,
  unit: readonly [number, number],
): boolean {
  // A pattern that does not drift is the same in each block of a unit.
  const isFixed = zeroIsPattern && !zeroDrifts;
  const [across, down] = isFixed ? BLOCK : unit;
  const [columns, rows] = orientation > 4 ? [height, width] : [width, height];
  // Where the last stored pixel lies in the upright image, and the steps to those on its left and above it (EXIF 2.32, tag 274).
  const [stepX, stepY] = [[2, 3, 6, 7].includes(orientation) ? -3 : 3, ([3, 4, 7, 8].includes(orientation) ? -3 : 3) * width];
  const last = (stepX > 0 ? 3 * (width - 1) : 0) + (stepY > 0 ? 3 * width * (height - 1) : 0);
  const [left, up] = orientation > 4 ? [stepY, stepX] : [stepX, stepY];
  const inLast = ((columns - 1) % across) + 1;
  const high = ((rows - 1) % down) + 1;
  // With the usual tables, zero bits make a pattern, which brightness hides if it falls until channels clip.
  if (zeroIsPattern && isSmooth(data, last, left, up, Math.min(columns, inLast + across), high, zeroDrifts)) return false;
  if (isFixed && !beginsDark(data, last, left, up, inLast, high)) return false;
  const units = Math.min(UNITS, Math.ceil(columns / across));
  for (let unit = 0; unit < units - 1; unit++) {
    // The last unit may be cut off by the border of the picture; the next is compared from its own end.
    const skipped = unit === 0 ? 0 : inLast + across * (unit - 1);
    if (!repeats(data, last - skipped * left, left, up, unit === 0 ? inLast : across, high, across)) return false;
  }
  return true;
}

/**
 * True if `wide` by `high` pixels have nearly one colour, which is not a decoder's grey, nor clipped if brightness may have fallen so far. The pattern
 * of zero bits spans 9 levels at the highest quality, and more at others.
 */
function isSmooth(data: Uint8Array, end: number, left: number, up: number, wide: number, high: number, drifts: boolean): boolean {
  const colour = [data[end]!, data[end + 1]!, data[end + 2]!];
  const clips = drifts && colour.some((value) => value === 0 || value === 255) && Math.min(...colour) < 255;
  if (clips || colour.every((value) => Math.abs(value - 128) < 2)) return false;
  for (let channel = 0; channel < 3; channel++) {
    let [least, most] = [255, 0];
    for (let row = 0; row < high; row++)
      for (let column = 0; column < wide; column++) {
        const value = data[end + channel - row * up - column * left]!;
        if (value < least) least = value;
        if (value > most) most = value;
      }
    if (most - least > SMOOTH) return false;
  }
  return true;
}

/** True if the first pixel of a block is its darkest, but for rounding: all waves of the pattern are at their lowest there. */
function beginsDark(data: Uint8Array, end: number, left: number, up: number, wide: number, high: number): boolean {
  const green = end + 1;
  const first = data[green - (high - 1) * up - (wide - 1) * left]!;
  for (let row = 0; row < high; row++)
    for (let column = 0; column < wide; column++) if (data[green - row * up - column * left]! < first - ROUNDING) return false;
  return true;
}

/** Compares a unit, whose last pixel is at `end`, to the one on its left. */
function repeats(data: Uint8Array, end: number, left: number, up: number, wide: number, high: number, across: number): boolean {
  // Not the columns and rows at its borders, whose colours are mixed with those of others.
  const border = wide > 4 ? 2 : 0;
  const rows = high > 2 ? high - 2 : high;
  for (let channel = 0; channel < 3; channel++) {
    const at = end + channel;
    let [sum, values, count] = [0, 0, 0];
    const each = (visit: (difference: number, value: number) => void): void => {
      for (let row = 0; row < rows; row++)
        for (let column = border; column < wide - border; column++) {
          const here = at - row * up - column * left;
          const value = data[here]!;
          const before = data[here - across * left]!;
          if (value > 0 && value < 255 && before > 0 && before < 255) visit(value - before, value);
        }
    };
    each((difference, value) => {
      sum += difference;
      values += value;
      count++;
    });
    // What clips says nothing.
    if (2 * count < rows * (wide - 2 * border)) continue;
    let [deviation, contrast] = [0, 0];
    each((difference, value) => {
      deviation += Math.abs(difference - sum / count);
      contrast += Math.abs(value - values / count);
    });
    if (deviation > Math.max(ROUNDING * count, MIXED * contrast)) return false;
  }
  return true;
}
