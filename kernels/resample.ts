// Both passes of antialiased scaling, in AssemblyScript (https://www.assemblyscript.org); `node kernels/build.mjs` turns it into
// src/data/pixels/resample-kernel.ts. Weights are fixed point with 22 bits, split into 11 high and 11 low bits: products of 16-bit lanes then add up
// without loss, four at a time. Addresses and strides are in bytes.

const HALF: i32 = 1 << 21;

/**
 * Scales `rows` rows of RGB at `from` to `width` pixels each at `to`. Pixel x is the sum of `taps` pixels (a multiple of 4), the first of them
 * `starts[x]` bytes into the row. `weights` has for each four taps their high halves and then their low halves, as 16-bit numbers. Writes one
 * byte beyond each row.
 */
export function horizontal(
  from: usize,
  stride: i32,
  to: usize,
  toStride: i32,
  rows: i32,
  width: i32,
  starts: usize,
  weights: usize,
  taps: i32,
): void {
  for (let x = 0; x < width; x++) {
    const at = from + <usize>load<i32>(starts + ((<usize>x) << 2));
    const weight = weights + ((<usize>(x * taps)) << 2);
    if (taps === 4) columnOfFour(at, stride, to + <usize>(x * 3), toStride, rows, weight);
    else columnOfMany(at, stride, to + <usize>(x * 3), toStride, rows, weight, taps);
  }
}

// The usual case, photographs shrunk by at most half: the weights stay in registers.
function columnOfFour(from: usize, stride: i32, to: usize, toStride: i32, rows: i32, weights: usize): void {
  const high01 = v128.load32_splat(weights);
  const high23 = v128.load32_splat(weights, 4);
  const low01 = v128.load32_splat(weights, 8);
  const low23 = v128.load32_splat(weights, 12);
  const half = i32x4.splat(HALF);
  for (let y = 0; y < rows; y++) {
    const pixels = v128.load(from + <usize>(y * stride));
    const near = firstPair(pixels);
    const far = secondPair(pixels);
    const high = i32x4.add(i32x4.dot_i16x8_s(near, high01), i32x4.dot_i16x8_s(far, high23));
    const low = i32x4.add(i32x4.dot_i16x8_s(near, low01), i32x4.dot_i16x8_s(far, low23));
    storePixel(to + <usize>(y * toStride), rounded(high, i32x4.add(low, half)));
  }
}

function columnOfMany(from: usize, stride: i32, to: usize, toStride: i32, rows: i32, weights: usize, taps: i32): void {
  for (let y = 0; y < rows; y++) {
    let at = from + <usize>(y * stride);
    let weight = weights;
    let high = i32x4.splat(0);
    let low = i32x4.splat(HALF);
    for (let tap = 0; tap < taps; tap += 4) {
      const pixels = v128.load(at);
      const near = firstPair(pixels);
      const far = secondPair(pixels);
      high = i32x4.add(high, i32x4.dot_i16x8_s(near, v128.load32_splat(weight)));
      high = i32x4.add(high, i32x4.dot_i16x8_s(far, v128.load32_splat(weight, 4)));
      low = i32x4.add(low, i32x4.dot_i16x8_s(near, v128.load32_splat(weight, 8)));
      low = i32x4.add(low, i32x4.dot_i16x8_s(far, v128.load32_splat(weight, 12)));
      at += 12;
      weight += 16;
    }
    storePixel(to + <usize>(y * toStride), rounded(high, low));
  }
}

// Of 12 bytes of RGB as 16-bit pairs: red of the first two pixels, green, blue; then of the other two.
function firstPair(pixels: v128): v128 {
  return v128.shuffle<u8>(pixels, i8x16.splat(0), 0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16);
}

function secondPair(pixels: v128): v128 {
  return v128.shuffle<u8>(pixels, i8x16.splat(0), 6, 16, 9, 16, 7, 16, 10, 16, 8, 16, 11, 16, 16, 16, 16, 16);
}

// Writes four bytes; the next pixel overwrites the last.
function storePixel(to: usize, channels: v128): void {
  const words = i16x8.narrow_i32x4_s(channels, channels);
  v128.store32_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
}

/**
 * Computes `height` rows of `length` bytes at `to`, `toStride` apart. Row y is the sum of `taps` rows (a multiple of 4), the first of them
 * `starts[y]` bytes from `from`; `weights` as above. Reads and writes up to 15 bytes beyond each row.
 */
export function vertical(
  from: usize,
  stride: i32,
  to: usize,
  toStride: i32,
  length: i32,
  height: i32,
  starts: usize,
  weights: usize,
  taps: i32,
): void {
  for (let y = 0; y < height; y++) {
    const row = from + <usize>load<i32>(starts + ((<usize>y) << 2));
    const first = weights + ((<usize>(y * taps)) << 2);
    const out = to + <usize>(y * toStride);
    for (let i = 0; i < length; i += 16) {
      let high0 = i32x4.splat(0);
      let high1 = i32x4.splat(0);
      let high2 = i32x4.splat(0);
      let high3 = i32x4.splat(0);
      let low0 = i32x4.splat(HALF);
      let low1 = i32x4.splat(HALF);
      let low2 = i32x4.splat(HALF);
      let low3 = i32x4.splat(HALF);
      let at = row + <usize>i;
      for (let tap = 0; tap < taps; tap += 2) {
        const a = v128.load(at);
        const b = v128.load(at + <usize>stride);
        const left = v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const right = v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        const pairs0 = i16x8.extend_low_i8x16_u(left);
        const pairs1 = i16x8.extend_high_i8x16_u(left);
        const pairs2 = i16x8.extend_low_i8x16_u(right);
        const pairs3 = i16x8.extend_high_i8x16_u(right);
        const weight = first + ((<usize>(tap >> 2)) << 4) + ((<usize>(tap & 2)) << 1);
        const upper = v128.load32_splat(weight);
        const lower = v128.load32_splat(weight, 8);
        high0 = i32x4.add(high0, i32x4.dot_i16x8_s(pairs0, upper));
        high1 = i32x4.add(high1, i32x4.dot_i16x8_s(pairs1, upper));
        high2 = i32x4.add(high2, i32x4.dot_i16x8_s(pairs2, upper));
        high3 = i32x4.add(high3, i32x4.dot_i16x8_s(pairs3, upper));
        low0 = i32x4.add(low0, i32x4.dot_i16x8_s(pairs0, lower));
        low1 = i32x4.add(low1, i32x4.dot_i16x8_s(pairs1, lower));
        low2 = i32x4.add(low2, i32x4.dot_i16x8_s(pairs2, lower));
        low3 = i32x4.add(low3, i32x4.dot_i16x8_s(pairs3, lower));
        at += <usize>(2 * stride);
      }
      const words = i16x8.narrow_i32x4_s(rounded(high0, low0), rounded(high1, low1));
      const more = i16x8.narrow_i32x4_s(rounded(high2, low2), rounded(high3, low3));
      v128.store(out + <usize>i, i8x16.narrow_i16x8_u(words, more));
    }
  }
}

function rounded(high: v128, low: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.shl(high, 11), low), 22);
}
