// The inner loop of a bilinear warp, in AssemblyScript (https://www.assemblyscript.org); `node kernels/build.mjs` turns it into
// src/data/pixels/warp-kernel.ts. Positions are in 1/2048 of a pixel, addresses and strides in bytes.

const BITS: i32 = 11;
const ONE: i32 = 1 << BITS;
const MASK: i32 = ONE - 1;
const ROUND: i32 = 1 << (2 * BITS - 1);

// The least w: perspective never looks at the horizon or behind it.
const NEAREST: f64 = 1.0 / 64.0;

/**
 * Writes the pixels from `first` to `end` of a row of RGB at `to`. Pixel x lies at (startX + alongX[x], startY + alongY[x]) in the rows of
 * `stride` bytes at `from`; it and its neighbours to the right and below must exist. Reads two bytes beyond the last of them and writes one
 * beyond the last pixel.
 */
export function bilinear(
  from: usize,
  stride: i32,
  alongX: usize,
  alongY: usize,
  startX: i32,
  startY: i32,
  first: i32,
  end: i32,
  to: usize,
): void {
  for (let x = first; x < end; x++) {
    const positionX = startX + load<i32>(alongX + ((<usize>x) << 2));
    const positionY = startY + load<i32>(alongY + ((<usize>x) << 2));
    pixel(from, stride, positionX, positionY, to + <usize>(x * 3));
  }
}

/**
 * The same for a row in perspective: pixel x lies at ((a·u + c)/w − originX, (d·u + f)/w − originY), u = left + x, w = g·u + i, in whole pixels.
 */
export function projective(
  from: usize,
  stride: i32,
  left: f64,
  a: f64,
  c: f64,
  d: f64,
  f: f64,
  g: f64,
  i: f64,
  originX: f64,
  originY: f64,
  first: i32,
  end: i32,
  to: usize,
): void {
  for (let x = first; x < end; x++) {
    const u = left + <f64>x;
    const scale = 1.0 / max(NEAREST, g * u + i);
    const positionX = <i32>floor(((a * u + c) * scale - originX) * <f64>ONE + 0.5);
    const positionY = <i32>floor(((d * u + f) * scale - originY) * <f64>ONE + 0.5);
    pixel(from, stride, positionX, positionY, to + <usize>(x * 3));
  }
}

function pixel(from: usize, stride: i32, positionX: i32, positionY: i32, to: usize): void {
  const right = positionX & MASK;
  const below = positionY & MASK;
  const at = from + <usize>((positionY >> BITS) * stride + (positionX >> BITS) * 3);
  // Left and right neighbours are adjacent 16-bit numbers, and so are their weights.
  const across = i32x4.splat((right << 16) | (ONE - right));
  const upper = i32x4.dot_i16x8_s(neighbours(v128.load64_zero(at)), across);
  const lower = i32x4.dot_i16x8_s(neighbours(v128.load64_zero(at + <usize>stride)), across);
  const sum = i32x4.add(i32x4.mul(upper, i32x4.splat(ONE - below)), i32x4.mul(lower, i32x4.splat(below)));
  const channels = i32x4.shr_s(i32x4.add(sum, i32x4.splat(ROUND)), 2 * BITS);
  const words = i16x8.narrow_i32x4_s(channels, channels);
  v128.store_lane<u32>(to, i8x16.narrow_i16x8_u(words, words), 0);
}

// Of two adjacent pixels: red of both as 16-bit numbers, then green, then blue.
function neighbours(pixels: v128): v128 {
  return v128.shuffle<u8>(pixels, i8x16.splat(0), 0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16);
}
