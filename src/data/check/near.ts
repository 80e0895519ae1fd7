// Finds all pairs of 64-bit hashes that differ in few bits without comparing each with each: multi-index hashing (Norouzi, Punjani
// and Fleet 2012). Of four bands of 16 bits one must differ in at most a quarter of the bits, so only such neighbours are looked at.

import { bitCount } from "../pixels/perceptual-hash.ts";

const BANDS = 4;
const VALUES = 1 << 16;

/** The positions of the hashes by the value of one band: those of `value` are positions[starts[value] … starts[value + 1]). */
interface Index {
  readonly starts: Int32Array;
  readonly positions: Int32Array;
}

/** Hashes, two words of 32 bits each, and a way to ask which of them are near one. */
export interface NearIndex {
  /**
   * Calls `found` with each position before `limit` whose hash differs from `high` and `low` in at most the index's number of bits, once
   * each, in no order.
   */
  search(high: number, low: number, limit: number, found: (position: number) => void): void;
}

/** An index of `hashes` [2n] for searches within `bits` (0 to 63). A search looks at 548 buckets if `bits` is 8 to 11. */
export function nearIndex(hashes: Uint32Array, bits: number): NearIndex {
  const bandBits = Math.floor(bits / BANDS);
  const masks = masksWithin(bandBits);
  const indexes = Array.from({ length: BANDS }, (_, band) => indexBand(hashes, band));
  return {
    search(high, low, limit, found) {
      for (let band = 0; band < BANDS; band++) {
        const { starts, positions } = indexes[band]!;
        const value = bandOf(high, low, band);
        for (const mask of masks) {
          const bucket = value ^ mask;
          for (let at = starts[bucket]!; at < starts[bucket + 1]!; at++) {
            const position = positions[at]!;
            if (position >= limit) break;
            const highDifference = (high ^ hashes[2 * position]!) >>> 0;
            const lowDifference = (low ^ hashes[2 * position + 1]!) >>> 0;
            if (bitCount(highDifference) + bitCount(lowDifference) > bits) continue;
            // Only the first band that could find it reports it.
            if (firstBand(highDifference, lowDifference, bandBits) === band) found(position);
          }
        }
      }
    },
  };
}

function firstBand(high: number, low: number, bandBits: number): number {
  for (let band = 0; band < BANDS; band++) if (bitCount(bandOf(high, low, band)) <= bandBits) return band;
  return BANDS;
}

function bandOf(high: number, low: number, band: number): number {
  const word = band < 2 ? high : low;
  return band % 2 === 0 ? word >>> 16 : word & 0xffff;
}

/** Sorted by counting, so that the positions of a bucket ascend. */
function indexBand(hashes: Uint32Array, band: number): Index {
  const count = hashes.length / 2;
  const starts = new Int32Array(VALUES + 1);
  const valueAt = (position: number): number => bandOf(hashes[2 * position]!, hashes[2 * position + 1]!, band);
  for (let position = 0; position < count; position++) starts[valueAt(position) + 1]!++;
  for (let value = 0; value < VALUES; value++) starts[value + 1]! += starts[value]!;
  const next = starts.slice();
  const positions = new Int32Array(count);
  for (let position = 0; position < count; position++) positions[next[valueAt(position)]!++] = position;
  return { starts, positions };
}

/** All numbers of 16 bits of which at most `most` are set. */
function masksWithin(most: number): Int32Array {
  return Int32Array.from({ length: VALUES }, (_, mask) => mask).filter((mask) => bitCount(mask) <= most);
}
