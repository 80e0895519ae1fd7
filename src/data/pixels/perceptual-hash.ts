// A perceptual hash of 64 bits (after Zauner 2010): the signs of the 64 lowest frequencies of a picture's grey thumbnail. Copies that were
// compressed, scaled, brightened or slightly cropped differ in few bits; other pictures differ in about half of them.

import type { RgbImage } from "../decode/image.ts";
import { resize } from "./resample.ts";

/** Width and height of the thumbnails that pictures are compared by. */
export const THUMBNAIL = 16;

/**
 * The hashes of two copies differ in at most this many bits. Of 9 million pairs of different photographs none differs in fewer than 11;
 * copies cropped by 2 % on each side differ in at most 9.
 */
export const COPY_BITS = 10;

/**
 * The least correlation of the thumbnails of pictures that look alike. Copies cropped by 2 % on each side have 0.97 or more (19 of 20), copies
 * saved at another quality, size or brightness 0.99 or more; different photographs whose hashes are close have less than 0.92.
 */
export const ALIKE_CORRELATION = 0.95;

/**
 * The least correlation of the detail (detailOf) of copies. Copies cropped by 2 % on each side have 0.89 or more (19 of 20), other copies 0.98;
 * two shots of one scene, or two things in the same pose before a plain wall, usually less.
 */
export const COPY_DETAIL = 0.88;

/** A thumbnail whose grey values deviate by less than this (of 255) has no hash: plain pictures would all be copies of one another. */
const LEAST_DEVIATION = 2;

// The lowest frequencies except the mean, [vertical, horizontal], ordered by their sum.
const FREQUENCIES: readonly (readonly [v: number, u: number])[] = Array.from(
  { length: 11 * 11 },
  (_, i) => [Math.floor(i / 11), i % 11] as const,
)
  .filter(([v, u]) => v + u > 0)
  .sort(([a, b], [c, d]) => a + b - c - d || a - c)
  .slice(0, 64);

const COSINES = Array.from({ length: 11 }, (_, frequency) =>
  Float64Array.from({ length: THUMBNAIL }, (_, k) => Math.cos((Math.PI * (2 * k + 1) * frequency) / (2 * THUMBNAIL))),
);

/** The bits of a hash that flip when the picture is mirrored, as two words: hash ⊕ MIRROR is the mirrored picture's. */
export const MIRROR: readonly [number, number] = words(FREQUENCIES.map(([, u]) => u % 2 === 1));

/** The grey thumbnail of an image, [16, 16] in 8 bits, squashed to a square; luma as in ITU-R BT.601. */
export function greyThumbnail(image: RgbImage): Uint8Array {
  const { data } = resize(image, THUMBNAIL, THUMBNAIL);
  return Uint8Array.from(
    { length: THUMBNAIL * THUMBNAIL },
    (_, i) => (77 * data[3 * i]! + 150 * data[3 * i + 1]! + 29 * data[3 * i + 2]! + 128) >> 8,
  );
}

/** The hash of a grey thumbnail, as two words of 32 bits; undefined for a picture without detail, which would look like any other. */
export function perceptualHash(grey: Uint8Array): readonly [number, number] | undefined {
  const { deviation } = centred(grey);
  if (deviation < LEAST_DEVIATION) return undefined;
  // Rows first: [row, frequency].
  const rows = new Float64Array(THUMBNAIL * COSINES.length);
  for (let y = 0; y < THUMBNAIL; y++)
    for (let u = 0; u < COSINES.length; u++) {
      const cosine = COSINES[u]!;
      let sum = 0;
      for (let x = 0; x < THUMBNAIL; x++) sum += cosine[x]! * grey[y * THUMBNAIL + x]!;
      rows[y * COSINES.length + u] = sum;
    }
  return words(
    FREQUENCIES.map(([v, u]) => {
      const cosine = COSINES[v]!;
      let sum = 0;
      for (let y = 0; y < THUMBNAIL; y++) sum += cosine[y]! * rows[y * COSINES.length + u]!;
      return sum > 0;
    }),
  );
}

/** Pearson's correlation of two thumbnails, in [−1, 1]; `mirrored` flips the second one first. NaN if either is plain. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>, mirrored: boolean): number {
  const [first, second] = [centred(a), centred(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    // Within a row of 16, xor with 15 counts from the other end.
    const j = mirrored ? i ^ (THUMBNAIL - 1) : i;
    sum += (a[i]! - first.mean) * (b[j]! - second.mean);
  }
  return sum / (a.length * first.deviation * second.deviation);
}

/** A thumbnail minus the mean of each value's 3 × 3 neighbourhood; the border repeats its last value. */
export function detailOf(grey: Uint8Array): Float64Array {
  const last = THUMBNAIL - 1;
  return Float64Array.from(grey, (value, i) => {
    const [x, y] = [i % THUMBNAIL, Math.floor(i / THUMBNAIL)];
    let sum = 0;
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) sum += grey[Math.min(last, Math.max(0, y + dy)) * THUMBNAIL + Math.min(last, Math.max(0, x + dx))]!;
    return value - sum / 9;
  });
}

/** The number of bits set in a word of 32 bits. */
export function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function centred(values: ArrayLike<number>): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

function words(bits: readonly boolean[]): [number, number] {
  const result: [number, number] = [0, 0];
  for (const [i, bit] of bits.entries()) if (bit) result[i < 32 ? 0 : 1] |= 1 << (i % 32);
  return [result[0] >>> 0, result[1] >>> 0];
}
