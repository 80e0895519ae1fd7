// Pixels of other than three channels.

import { expected } from "../../core/errors.ts";
import { type PixelImage, RGB } from "../decode/image.ts";

/**
 * `image` with `channels` channels: colours become grey (0.299, 0.587 and 0.114 of red, green and blue, rounded as Pillow's "L"), grey becomes
 * three equal channels. Throws a UsageError for any other change.
 */
export function withChannels(image: PixelImage, channels: number): PixelImage {
  const { width, height, data, channels: own = RGB } = image;
  if (own === channels) return image;
  if (own === RGB && channels === 1) return { width, height, channels, data: greyOf(data) };
  if (own === 1 && channels === RGB) return { width, height, data: tripled(data) };
  throw expected(
    `${channels} channels`,
    "an image",
    own,
    "Make the transforms with as many means and deviations as the images have channels.",
  );
}

/** One of `channels` channels as three equal ones. */
export function tripled(data: Uint8Array, channel = 0, channels = 1): Uint8Array {
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
