// Pictures of other channels than red, green and blue: grey ones, and arrays of any number. Each channel is transformed as a grey picture by
// itself, all of them by the same draw.

import { expected } from "../../core/errors.ts";
import { type PixelImage, RGB, type RgbImage } from "../decode/image.ts";
import { applyTransform } from "./apply.ts";
import type { DrawnTransform } from "./draw.ts";
import type { TransformSpec } from "./transforms.ts";

/**
 * `image` with as many channels as are wanted: colours become grey (0.299, 0.587 and 0.114 of red, green and blue, rounded as Pillow's "L"), grey
 * becomes three equal channels. Throws a UsageError for any other change.
 */
export function withChannels(image: PixelImage, channels: number): PixelImage {
  const { width, height, data, channels: own = RGB } = image;
  if (own === channels) return image;
  if (own === RGB && channels === 1) return { width, height, channels, data: greyOf(data) };
  if (own === 1 && channels === RGB) return { width, height, data: repeated(data) };
  throw expected(
    `${channels} channels`,
    "an image",
    own,
    "Make the transforms with as many means and deviations as the images have channels.",
  );
}

/** Applies what was drawn to an image of any number of channels; returns [size, size, channels]. */
export function transformChannels(image: PixelImage, spec: TransformSpec, drawn: DrawnTransform): Uint8Array {
  const { width, height, data, channels = RGB } = image;
  if (channels === RGB) return applyTransform({ width, height, data }, spec, drawn);
  const result = new Uint8Array(spec.size * spec.size * channels);
  for (let channel = 0; channel < channels; channel++) {
    const plane: RgbImage = { width, height, data: repeated(data, channel, channels) };
    const moved = applyTransform(plane, spec, drawn);
    for (let from = 0, to = channel; to < result.length; from += RGB, to += channels) result[to] = moved[from] as number;
  }
  return result;
}

/** One of `channels` channels as three equal ones. */
function repeated(data: Uint8Array, channel = 0, channels = 1): Uint8Array {
  const rgb = new Uint8Array((data.length / channels) * RGB);
  for (let from = channel, to = 0; to < rgb.length; from += channels, to += RGB) rgb[to] = rgb[to + 1] = rgb[to + 2] = data[from] as number;
  return rgb;
}

function greyOf(rgb: Uint8Array): Uint8Array {
  return Uint8Array.from(
    { length: rgb.length / RGB },
    (_, i) => (19_595 * (rgb[3 * i] as number) + 38_470 * (rgb[3 * i + 1] as number) + 7_471 * (rgb[3 * i + 2] as number) + 0x8000) >> 16,
  );
}
