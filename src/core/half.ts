// Half precision: IEEE 754's binary16, for which JavaScript has no typed array yet, and bfloat16, which is read only.

/** The number with the 16 bits `bits` (1 sign, 5 exponent, 10 fraction); exact in float32. */
export function floatFromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halves: Float32Array | undefined;

/** The numbers with the 16 bits in `bits`, by a table of all 65,536, which is made at the first call. */
export function floatsFromHalves(bits: Uint16Array): Float32Array<ArrayBuffer> {
  halves ??= Float32Array.from({ length: 0x10000 }, (_, half) => floatFromHalf(half));
  const result = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) result[i] = halves[bits[i] as number] as number;
  return result;
}

const number = new Float32Array(1);
const bits = new Uint32Array(number.buffer);

/** The number with the 16 bits `upper` of a bfloat16, the upper half of a float32; exact. */
export function floatFromBrain(upper: number): number {
  bits[0] = upper << 16;
  return number[0] as number;
}

/** The numbers with the 16 bits in `uppers` as the upper halves of float32. */
export function floatsFromBrains(uppers: Uint16Array): Float32Array<ArrayBuffer> {
  const result = new Uint32Array(uppers.length);
  for (let i = 0; i < uppers.length; i++) result[i] = (uppers[i] as number) << 16;
  return new Float32Array(result.buffer);
}

/** The 16 bits of the half-precision number nearest to `value` as float32: ties go to even, and values from 65,520 on to infinity. */
export function halfFromFloat(value: number): number {
  number[0] = value;
  const from = bits[0] as number;
  const sign = (from >>> 16) & 0x8000;
  const magnitude = from & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // From 65,520 on the result is infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // Below 2⁻¹⁴ halves are 2⁻²⁴ apart. Adding 1/2 leaves float32 exactly that precision, so its own rounding is the correct one.
  if (magnitude < 0x38800000) {
    number[0] = Math.abs(value) + 0.5;
    return sign | ((bits[0] as number) - 0x3f000000);
  }
  // The exponent's bias changes from 127 to 15; adding just under half a unit, plus the last remaining bit, rounds ties to even.
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}
