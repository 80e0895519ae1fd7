// From a drawing to a JPEG, by sharp's SVG loader. It gets only thaw's own drawings, never users' files: SVG among those is refused
// (../data/decode/image.ts).

import { type RandomStream, randomStream } from "../core/random.ts";
import type { Drawing } from "./picture.ts";

/** Renders `picture` as a JPEG, with ragged edges, blur, light and noise. Equal pictures give equal bytes. */
export async function rasterise(picture: Drawing): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const { width, height, blur, quality } = picture;
  const raw = { width, height, channels: 3 } as const;
  const drawn = await sharp(Buffer.from(picture.svg)).removeAlpha().toColourspace("srgb").raw().toBuffer();
  const pixels = displaced(drawn, picture, randomStream("ragged", picture.grain));
  const seen = blur > 0 ? await sharp(pixels, { raw }).blur(blur).raw().toBuffer() : pixels;
  expose(seen, picture, randomStream("grain", picture.grain));
  return sharp(seen, { raw }).jpeg({ quality }).toBuffer();
}

/** A copy of `pixels` [height, width, 3], displaced by a random field that is smooth over the width of a hair. */
function displaced(pixels: Uint8Array, { width, height, ragged, hair }: Drawing, random: RandomStream): Uint8Array {
  const columns = Math.ceil(width / hair) + 2;
  const field = Float32Array.from({ length: columns * (Math.ceil(height / hair) + 2) * 2 }, () => random.uniform(-ragged, ragged));
  const result = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    const [row, down] = [Math.floor(y / hair), (y / hair) % 1];
    for (let x = 0; x < width; x++) {
      const [column, across] = [Math.floor(x / hair), (x / hair) % 1];
      const corner = (row * columns + column) * 2;
      const at = (axis: number): number => {
        const [a, b] = [field[corner + axis] as number, field[corner + axis + 2] as number];
        const [c, d] = [field[corner + axis + 2 * columns] as number, field[corner + axis + 2 * columns + 2] as number];
        return Math.round((a + (b - a) * across) * (1 - down) + (c + (d - c) * across) * down);
      };
      const from = Math.min(height - 1, Math.max(0, y + at(1))) * width + Math.min(width - 1, Math.max(0, x + at(0)));
      for (let channel = 0; channel < 3; channel++) result[(y * width + x) * 3 + channel] = pixels[from * 3 + channel] as number;
    }
  }
  return result;
}

/** Lights `pixels` [height, width, 3] and adds noise to each channel, in place; values are clipped to 0 to 255. */
function expose(pixels: Uint8Array, { light, noise }: Drawing, random: RandomStream): void {
  let bits = 0;
  for (let i = 0; i < pixels.length; i++) {
    if (i % 2 === 0) bits = random.bits();
    // The difference of two uniform draws is close enough to normal; its standard deviation is 1/√6 of their range.
    const [a, b] = i % 2 === 0 ? [bits & 255, (bits >> 8) & 255] : [(bits >> 16) & 255, (bits >> 24) & 255];
    const bell = ((a - b) / 255) * Math.sqrt(6);
    pixels[i] = Math.round(Math.min(255, Math.max(0, (pixels[i] as number) * (light[i % 3] as number) + bell * noise)));
  }
}
