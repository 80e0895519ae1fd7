// Which colours the components of a JPEG are. The file does not say so itself: two kinds of segment and the components' numbers do, and decoders
// differ where these contradict each other. libjpeg's rules are what viewers and browsers show.

import { ImageError } from "../image.ts";
import type { JpegHeader } from "./header.ts";
import type { JpegBody } from "./scans.ts";

export type JpegColours = "grey" | "YCbCr" | "RGB" | "CMYK" | "YCCK";

/** The numbers of components named R, G and B. */
const RGB_IDS = [82, 71, 66];

/** The colours by the rules of libjpeg (default_decompress_parms). Throws ImageError for a number of components that has none. */
export function coloursOf({ components, jfif, adobe }: JpegHeader, bytes: Uint8Array): JpegColours {
  const last = adobe.at(-1);
  const transform = last === undefined ? undefined : bytes[last];
  switch (components.length) {
    case 1:
      return "grey";
    case 3:
      if (jfif) return "YCbCr";
      return transform === 0 || (transform === undefined && hasRgbIds(components)) ? "RGB" : "YCbCr";
    case 4:
      return transform === undefined || transform === 0 ? "CMYK" : "YCCK";
    default:
      throw new ImageError(`a JPEG of ${components.length} components, which thaw cannot read: convert it to PNG`);
  }
}

function hasRgbIds(components: JpegHeader["components"]): boolean {
  return components.every(({ id }, i) => id === RGB_IDS[i]);
}

const TRANSFORMS: Readonly<Record<JpegColours, number>> = { grey: 0, RGB: 0, YCbCr: 1, CMYK: 0, YCCK: 2 };

/**
 * The same file, or a copy in which nothing contradicts the colours that it has by libjpeg's rules, and whose end is marked, so that all decoders
 * give the same picture.
 */
export function withPlainHeader(bytes: Uint8Array, header: JpegHeader, { scans, ended }: JpegBody): Uint8Array {
  const colours = coloursOf(header, bytes);
  const { components, adobe, frameAt } = header;
  const transforms = adobe.filter((at) => colours !== "grey" && bytes[at] !== TRANSFORMS[colours]);
  const misnamed = colours === "YCbCr" && hasRgbIds(components);
  if (transforms.length === 0 && !misnamed && ended) return bytes;
  const copy = new Uint8Array(bytes.length + (ended ? 0 : 2));
  copy.set(bytes);
  if (!ended) copy.set([0xff, 0xd9], bytes.length);
  for (const at of transforms) copy[at] = TRANSFORMS[colours];
  if (misnamed) {
    for (let i = 0; i < components.length; i++) copy[frameAt + 10 + 3 * i] = i + 1;
    for (const { headerAt } of scans)
      for (let i = 0; i < bytes[headerAt + 4]!; i++) {
        const at = headerAt + 5 + 2 * i;
        const component = RGB_IDS.indexOf(bytes[at]!);
        if (component >= 0) copy[at] = component + 1;
      }
  }
  return copy;
}
