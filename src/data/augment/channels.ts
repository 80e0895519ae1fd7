// Transforms of images with other channels than red, green and blue.

import { type PixelImage, RGB, type RgbImage } from "../decode/image.ts";
import { tripled } from "../pixels/channels.ts";
import { applyTransform } from "./apply.ts";
import type { DrawnTransform } from "./draw.ts";
import type { TransformSpec } from "./transforms.ts";

/**
 * Applies what was drawn to an image of any number of channels; returns [size, size, channels]. Unless the image is RGB, each channel is
 * transformed like a grey picture, all by the same draw.
 */
export function transformChannels(image: PixelImage, spec: TransformSpec, drawn: DrawnTransform): Uint8Array {
  const { width, height, data, channels = RGB } = image;
  if (channels === RGB) return applyTransform({ width, height, data }, spec, drawn);
  const result = new Uint8Array(spec.size * spec.size * channels);
  for (let channel = 0; channel < channels; channel++) {
    const plane: RgbImage = { width, height, data: tripled(data, channel, channels) };
    const moved = applyTransform(plane, spec, drawn);
    for (let from = 0, to = channel; to < result.length; from += RGB, to += channels) result[to] = moved[from] as number;
  }
  return result;
}
