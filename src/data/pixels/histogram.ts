// Changes of 8-bit RGB [.., 3] that follow the histogram of each channel, in place.

/** Stretches each channel so that its darkest value becomes 0 and its brightest 255. */
export function autoContrast(pixels: Uint8Array): void {
  eachChannel(pixels, stretched);
}

/** Makes all values of each channel equally frequent; rounding is Pillow's (ImageOps.equalize). */
export function equalize(pixels: Uint8Array): void {
  eachChannel(pixels, equalized);
}

function eachChannel(pixels: Uint8Array, tableOf: (counts: Uint32Array) => Uint8ClampedArray): void {
  for (let c = 0; c < 3; c++) {
    const counts = new Uint32Array(256);
    for (let i = c; i < pixels.length; i += 3) counts[pixels[i]!]!++;
    const table = tableOf(counts);
    for (let i = c; i < pixels.length; i += 3) pixels[i] = table[pixels[i]!]!;
  }
}

const unchanged = (): Uint8ClampedArray => Uint8ClampedArray.from({ length: 256 }, (_, value) => value);

function stretched(counts: Uint32Array): Uint8ClampedArray {
  const low = counts.findIndex((count) => count > 0);
  const high = counts.findLastIndex((count) => count > 0);
  if (high <= low) return unchanged();
  return Uint8ClampedArray.from({ length: 256 }, (_, value) => ((value - low) * 255) / (high - low));
}

function equalized(counts: Uint32Array): Uint8ClampedArray {
  const brightest = counts[counts.findLastIndex((count) => count > 0)]!;
  const step = Math.floor((counts.reduce((sum, count) => sum + count, 0) - brightest) / 255);
  if (step === 0) return unchanged();
  let sum = Math.floor(step / 2);
  return Uint8ClampedArray.from(counts, (count) => {
    const value = Math.floor(sum / step);
    sum += count;
    return value;
  });
}
