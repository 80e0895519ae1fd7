// The search for near hashes finds what comparing each with each finds, and does not compare each with each.

import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import { bitCount } from "../pixels/perceptual-hash.ts";
import { nearIndex } from "./near.ts";

const distance = (prints: Uint32Array, a: number, b: number): number =>
  bitCount((prints[2 * a]! ^ prints[2 * b]!) >>> 0) + bitCount((prints[2 * a + 1]! ^ prints[2 * b + 1]!) >>> 0);

function pairsFound(prints: Uint32Array, bits: number): string[] {
  const index = nearIndex(prints, bits);
  const pairs: string[] = [];
  for (let i = 0; i < prints.length / 2; i++) index.search(prints[2 * i]!, prints[2 * i + 1]!, i, (j) => pairs.push(`${j} ${i}`));
  return pairs.sort();
}

/** Fingerprints of which many are near each other: a few centres, each with bits flipped. */
const clustered = fc
  .tuple(
    fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(), fc.array(fc.nat(63), { maxLength: 14 })), { maxLength: 40 }),
  )
  .map(([centres, members]) =>
    Uint32Array.from(
      members.flatMap(([centre, flips]) => {
        const value = flips.reduce((bits, flip) => bits ^ (1n << BigInt(flip)), centres[centre % centres.length]!);
        return [Number(value >> 32n), Number(value & 0xffffffffn)];
      }),
    ),
  );

test("every pair within the bits is found, once, and no other", () => {
  fc.assert(
    fc.property(clustered, fc.integer({ min: 0, max: 15 }), (prints, bits) => {
      const all: string[] = [];
      for (let i = 0; i < prints.length / 2; i++) for (let j = 0; j < i; j++) if (distance(prints, i, j) <= bits) all.push(`${j} ${i}`);
      expect(pairsFound(prints, bits)).toEqual(all.sort());
    }),
    { numRuns: 60, seed: 7 },
  );
});

test("twenty thousand hashes are searched without comparing each with each", () => {
  const random = randomStream("near");
  const prints = Uint32Array.from({ length: 40_000 }, () => random.bits() >>> 0);
  prints.copyWithin(2 * 19_999, 2 * 5, 2 * 6);
  prints[2 * 19_999]! ^= 0b1000_0000_0011;
  const pairs = pairsFound(prints, 10).map((pair) => pair.split(" ").map(Number) as [number, number]);
  expect(pairs).toContainEqual([5, 19_999]);
  // Chance alone brings 2 of the 200 million pairs so near.
  expect(pairs.length).toBeLessThan(10);
  expect(pairs.filter(([a, b]) => distance(prints, a, b) > 10)).toEqual([]);
});
