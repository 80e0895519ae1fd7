// Random numbers from keyed streams: a stream depends only on its key (seed, purpose, epoch, item), never on other draws,
// so results do not depend on the order of work or the number of workers.

import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

export interface RandomStream {
  /** A number from [low, high). */
  uniform(low: number, high: number): number;
  /** An integer from `low` to `high`, inclusive. */
  integer(low: number, high: number): number;
  /** 32 random bits, as an integer from −2³¹ to 2³¹ − 1. */
  bits(): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** A draw from the standard normal distribution (Box and Muller 1958). */
  normal(): number;
  /** `values` in random order (Fisher and Yates), as a new array. */
  shuffle<T>(values: readonly T[]): T[];
}

/** The stream of a key, such as `randomStream(seed, "augment", epoch, itemHash)`. Equal keys give equal streams. */
export function randomStream(...key: readonly (string | number)[]): RandomStream {
  const digest = sha256(utf8ToBytes(JSON.stringify(key)));
  const words = new Int32Array(digest.buffer.slice(0, 16));
  const generator = xoroshiro128plusFromState([words[0]! | 1, words[1]!, words[2]!, words[3]!]);
  return {
    uniform: (low, high) => low + uniformFloat64(generator) * (high - low),
    integer: (low, high) => uniformInt(generator, low, high),
    bits: () => generator.next(),
    chance: (p) => uniformFloat64(generator) < p,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator))) * Math.cos(2 * Math.PI * uniformFloat64(generator)),
    shuffle(values) {
      const result = [...values];
      for (let i = result.length - 1; i > 0; i--) {
        const j = uniformInt(generator, 0, i);
        [result[i], result[j]] = [result[j]!, result[i]!];
      }
      return result;
    },
  };
}
