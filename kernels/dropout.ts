// Dropout masks, in AssemblyScript (https://www.assemblyscript.org); `node kernels/build.mjs` makes src/learner/step/dropout-kernel.ts of it.
// Four generators side by side, xoshiro128++ (Blackman and Vigna 2021), each of four words of 32 bits: word w of lane l lies at 16 w + 4 l.

/**
 * Writes float32 at `to`, eight at a time until there are `count`: 0 where 16 random bits are below `threshold`, else `kept`. Goes on from the
 * state at `state` and leaves the next one there.
 */
export function fill(state: usize, to: usize, count: i32, threshold: i32, kept: f32): void {
  let a = v128.load(state);
  let b = v128.load(state, 16);
  let c = v128.load(state, 32);
  let d = v128.load(state, 48);
  const limit = i16x8.splat(<i16>threshold);
  const value = f32x4.splat(kept);
  for (let i = 0; i < count; i += 8) {
    const bits = i32x4.add(rotated(i32x4.add(a, d), 7), a);
    const shifted = i32x4.shl(b, 9);
    c = v128.xor(c, a);
    d = v128.xor(d, b);
    b = v128.xor(b, c);
    a = v128.xor(a, d);
    c = v128.xor(c, shifted);
    d = rotated(d, 11);
    const dropped = i16x8.lt_u(bits, limit);
    const at = to + ((<usize>i) << 2);
    v128.store(at, v128.andnot(value, i32x4.extend_low_i16x8_s(dropped)));
    v128.store(at, v128.andnot(value, i32x4.extend_high_i16x8_s(dropped)), 16);
  }
  v128.store(state, a);
  v128.store(state, b, 16);
  v128.store(state, c, 32);
  v128.store(state, d, 48);
}

// Each lane's bits turned left.
function rotated(words: v128, by: i32): v128 {
  return v128.or(i32x4.shl(words, by), i32x4.shr_u(words, 32 - by));
}
