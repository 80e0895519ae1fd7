// Draws from the symmetric beta distribution.

import { expected } from "./errors.ts";
import type { RandomStream } from "./random.ts";

/**
 * A draw from Beta(alpha, alpha), in [0, 1]: Jöhnk 1964 up to an alpha of 1, Cheng's BB 1978 above. Throws a UsageError unless alpha is
 * above 0.
 */
export function drawBeta(alpha: number, random: RandomStream): number {
  if (!(alpha > 0 && alpha <= 1e6)) throw expected("a number above 0", "alpha", alpha, "1 makes all proportions equally likely.");
  return alpha <= 1 ? johnk(alpha, random) : cheng(alpha, random);
}

function johnk(alpha: number, random: RandomStream): number {
  for (;;) {
    // As logarithms, because with a small alpha the powers underflow.
    const x = Math.log(1 - random.uniform(0, 1)) / alpha;
    const y = Math.log(1 - random.uniform(0, 1)) / alpha;
    const largest = Math.max(x, y);
    const sum = largest + Math.log(Math.exp(x - largest) + Math.exp(y - largest));
    if (sum <= 0) return Math.exp(x - sum);
  }
}

function cheng(alpha: number, random: RandomStream): number {
  const beta = Math.sqrt((2 * alpha - 2) / (2 * alpha * alpha - 2 * alpha));
  const gamma = alpha + 1 / beta;
  for (;;) {
    const u = 1 - random.uniform(0, 1);
    const z = u * u * (1 - random.uniform(0, 1));
    const v = beta * Math.log(u / (1 - u));
    const w = alpha * Math.exp(v);
    const r = gamma * v - Math.log(4);
    // u = 1 gives an infinite w, which is not a valid draw.
    if (!Number.isFinite(w)) continue;
    if (r + 2 * alpha * Math.log((2 * alpha) / (alpha + w)) >= Math.log(z)) return w / (alpha + w);
  }
}
