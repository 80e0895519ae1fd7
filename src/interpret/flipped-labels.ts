// How far the labels that are called likely wrong can be trusted on this very data: some labels are changed on purpose, and looked for in the
// same way.

import { randomStream } from "../core/random.ts";
import type { LabelDoubt } from "./label-errors.ts";

/** What was found of labels that were changed on purpose. */
export interface FlipTest {
  /** The share of the labels that was changed in a round, in (0, 1). */
  readonly share: number;
  /** Labels that were changed, in all rounds. */
  readonly changed: number;
  /** Those of them that were called likely wrong. */
  readonly found: number;
  /** All labels that were called likely wrong; the others may be wrong too, which nobody knows. */
  readonly called: number;
}

/** Labels of which a share was changed. */
export interface Flipped {
  readonly labels: Int32Array;
  /** The indices of those that were changed. */
  readonly changed: ReadonlySet<number>;
}

/** The share of labels that is changed in a round, and as many changes as make a rate; rounds cost time. */
const [SHARE, ENOUGH, MOST_ROUNDS] = [0.05, 100, 5];

/** Rounds of labels of which a twentieth, drawn with `seed`, is changed to any other class; none if there is only one class. */
export function flippedLabels(labels: ArrayLike<number>, classes: number, seed: number): readonly Flipped[] {
  if (classes < 2) return [];
  const each = Math.max(1, Math.round(SHARE * labels.length));
  return Array.from({ length: Math.min(MOST_ROUNDS, Math.ceil(ENOUGH / each)) }, (_, round) => {
    const random = randomStream(seed, "flipped labels", round);
    const changed = new Set(random.shuffle(Array.from({ length: labels.length }, (_, i) => i)).slice(0, each));
    const turned = Int32Array.from(labels, (label, i) => (changed.has(i) ? (label + random.integer(1, classes - 1)) % classes : label));
    return { labels: turned, changed };
  });
}

/** What `doubts`, the ranks of the labels of each round, found of the changes. */
export function flipTest(rounds: readonly Flipped[], doubts: readonly (readonly LabelDoubt[])[]): FlipTest {
  const total = { share: SHARE, changed: 0, found: 0, called: 0 };
  for (const [round, { changed }] of rounds.entries()) {
    const called = doubts[round]!.filter(({ likely }) => likely);
    total.changed += changed.size;
    total.called += called.length;
    total.found += called.filter(({ index }) => changed.has(index)).length;
  }
  return total;
}
