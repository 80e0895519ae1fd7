// Changes of 8-bit values that depend on the value alone, in place.

/** Replaces each value by what `change` makes of it, rounded and clipped to 0 to 255. */
export function mapLevels(pixels: Uint8Array, change: (value: number) => number): void {
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => change(value));
  // Four values at a time if they are aligned: this is the most frequent change, and its cost is loads and stores.
  const { words, rest } = aligned(pixels);
  for (let i = 0; i < words.length; i++) {
    const four = words[i]!;
    words[i] = table[four & 255]! | (table[(four >>> 8) & 255]! << 8) | (table[(four >>> 16) & 255]! << 16) | (table[four >>> 24]! << 24);
  }
  for (let i = rest; i < pixels.length; i++) pixels[i] = table[pixels[i]!]!;
}

/** The mean of all values. */
export function meanLevel(pixels: Uint8Array): number {
  const { words, rest } = aligned(pixels);
  let sum = 0;
  for (let i = 0; i < words.length; i++) {
    const four = words[i]!;
    // Two sums of two values side by side, then both halves.
    const pairs = (four & 0x00ff00ff) + ((four >>> 8) & 0x00ff00ff);
    sum += (pairs & 0xffff) + (pairs >>> 16);
  }
  for (let i = rest; i < pixels.length; i++) sum += pixels[i]!;
  return sum / pixels.length;
}

/** log(x/(1 − x)), with x limited to 10⁻⁷ to 1 − 10⁻⁷ (fastai 2). */
export function logit(x: number): number {
  const inner = Math.min(Math.max(x, 1e-7), 1 - 1e-7);
  return Math.log(inner / (1 - inner));
}

// The pixels as words of four values, and the index of the first value that is in none.
function aligned(pixels: Uint8Array): { readonly words: Uint32Array; readonly rest: number } {
  const count = pixels.byteOffset % 4 === 0 ? pixels.length >> 2 : 0;
  return { words: new Uint32Array(pixels.buffer, count > 0 ? pixels.byteOffset : 0, count), rest: count * 4 };
}
