// Pictures in every format for the tests of decoding, made by sharp.

import sharp from "sharp";

/** A colour that all formats store accurately. */
export const ORANGE = { r: 230, g: 120, b: 20 };
/** 24 by 16 pixels of that colour; with four channels a quarter opaque. */
export const orange = (channels: 3 | 4 = 3) =>
  sharp({ create: { width: 24, height: 16, channels, background: { ...ORANGE, alpha: 0.25 } } });

/** 61 by 43 pixels of waves. */
export function smooth() {
  const [width, height] = [61, 43];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return 128 + 100 * Math.sin(x / 9 + (i % 3)) * Math.cos(y / 7);
  });
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** 200 by 150 pixels that do not compress. */
export const noise = () =>
  sharp(
    Uint8Array.from({ length: 200 * 150 * 3 }, (_, i) => (i * 7919) >> 4),
    { raw: { width: 200, height: 150, channels: 3 } },
  );

/** Every supported format: small, and as lossless as possible. */
export const formats = {
  PNG: () => orange().png(),
  JPEG: () => orange().jpeg({ quality: 100, chromaSubsampling: "4:4:4" }),
  WebP: () => orange().webp({ lossless: true }),
  GIF: () => orange().gif(),
  TIFF: () => orange().tiff(),
  AVIF: () => orange().avif({ lossless: true, chromaSubsampling: "4:4:4" }),
};
