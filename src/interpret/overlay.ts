// Lays a heat map over a photograph: hot places get the colours of a perceptually uniform scale, cold ones keep theirs.

import type { RgbImage } from "../data/decode/image.ts";

/** matplotlib's "inferno" (Smith and van der Walt 2015) at 0, 0.1, … 1: equal steps look equal, also in grey and to colour-blind people. */
const INFERNO = ["000004", "160b39", "420a68", "6a176e", "932667", "bc3754", "dd513a", "f37819", "fca50a", "f6d746", "fcffa4"].map((hex) =>
  [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)),
);
/** The opacity of the colour at the hottest place. */
const MOST = 0.65;

/** Heat in [0, 1], [rows, columns]. */
export interface Heat {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** The values divided by the largest, so that they are in [0, 1]; all 0 if none is above 0. */
export function normalizedHeat({ rows, columns, values }: Heat): Heat {
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  return { rows, columns, values: largest > 0 ? values.map((value) => value / largest) : values.slice() };
}

/** The colour of a heat in [0, 1]. */
export function heatColour(value: number): readonly [number, number, number] {
  const place = Math.min(1, Math.max(0, value)) * (INFERNO.length - 1);
  const at = Math.min(INFERNO.length - 2, Math.floor(place));
  const [low, high] = [INFERNO[at]!, INFERNO[at + 1]!];
  const mix = (channel: number): number => Math.round(low[channel]! + (high[channel]! - low[channel]!) * (place - at));
  return [mix(0), mix(1), mix(2)];
}

/** The photograph with the heat over it, scaled bilinearly to its size. */
export function overlay({ width, height, data }: RgbImage, heat: Heat): RgbImage {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = heatAt(heat, ((y + 0.5) * heat.rows) / height - 0.5, ((x + 0.5) * heat.columns) / width - 0.5);
      const colour = heatColour(value);
      const share = MOST * Math.min(1, 1.5 * value);
      const at = (y * width + x) * 3;
      for (let channel = 0; channel < 3; channel++)
        result[at + channel] = Math.round(data[at + channel]! * (1 - share) + colour[channel]! * share);
    }
  return { width, height, data: result };
}

/** Bilinear interpolation between cell centres; beyond the outermost centres, their values. */
function heatAt({ rows, columns, values }: Heat, row: number, column: number): number {
  const [y, x] = [Math.min(rows - 1, Math.max(0, row)), Math.min(columns - 1, Math.max(0, column))];
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const [bottom, right] = [Math.min(rows - 1, top + 1), Math.min(columns - 1, left + 1)];
  const across = (line: number): number => {
    const [a, b] = [values[line * columns + left]!, values[line * columns + right]!];
    return a + (b - a) * (x - left);
  };
  return across(top) + (across(bottom) - across(top)) * (y - top);
}
