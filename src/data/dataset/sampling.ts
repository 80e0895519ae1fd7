// Which training images an epoch shows, and how often: each once, or so that rare classes count as much as common ones. Chance is the
// caller's stream.

import { expected } from "../../core/errors.ts";
import type { RandomStream } from "../../core/random.ts";

/**
 * "shuffled": each image once. "balanced": each class equally often, each image of a class once before one comes again. Numbers: one weight of
 * at least 0 per image, drawn in proportion and with replacement.
 */
export type Sampling = "shuffled" | "balanced" | readonly number[];

/** The images of one epoch in their order: as many as there are `labels`, as indices into them. */
export function sampledOrder(labels: readonly number[], sampling: Sampling, random: RandomStream): number[] {
  if (sampling === "shuffled") return random.shuffle(labels.map((_, index) => index));
  if (sampling === "balanced") return balancedOrder(labels, random);
  if (!Array.isArray(sampling)) throw expected('"shuffled", "balanced" or weights', "sampling", sampling);
  if (sampling.length !== labels.length)
    throw expected(`${labels.length} weights, one for each training image,`, "sampling", sampling.length);
  return weightedOrder(sampling, labels.length, random);
}

/**
 * `labels.length` indices in which the classes that have images come equally often (to one image), and within a class the images do. Which
 * classes come once more is left to chance.
 */
export function balancedOrder(labels: readonly number[], random: RandomStream): number[] {
  const members = new Map<number, number[]>();
  for (const [index, label] of labels.entries()) {
    const others = members.get(label);
    if (others) others.push(index);
    else members.set(label, [index]);
  }
  const groups = random.shuffle([...members.values()]);
  const chosen = groups.flatMap((group, position) => {
    const count = Math.floor(labels.length / groups.length) + (position < labels.length % groups.length ? 1 : 0);
    const rounds = Math.ceil(count / group.length);
    return Array.from({ length: rounds }, () => random.shuffle(group))
      .flat()
      .slice(0, count);
  });
  return random.shuffle(chosen);
}

/** `count` indices, each drawn with a probability in proportion to its weight, with replacement. Throws unless some weight is above 0. */
export function weightedOrder(weights: readonly number[], count: number, random: RandomStream): number[] {
  let total = 0;
  const sums = Float64Array.from(weights, (weight, index) => {
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) throw expected("a number of at least 0", `weight ${index}`, weight);
    total += weight;
    return total;
  });
  if (!(total > 0)) throw expected("at least one weight above 0", "sampling", weights.length === 0 ? [] : 0);
  return Array.from({ length: count }, () => firstAbove(sums, random.uniform(0, total)));
}

/**
 * A weight for each class, for a loss in which rare classes count as much as common ones: images / (classes · images of the class), which
 * averages to 1 over the images (scikit-learn's "balanced", after King and Zeng 2001). A class without images gets 0. [classes]
 */
export function classWeights(labels: readonly number[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) {
    if (!Number.isInteger(label) || label < 0 || label >= classes) throw expected(`a class from 0 to ${classes - 1}`, "a label", label);
    counts[label]!++;
  }
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (present * count)));
}

function firstAbove(sums: Float64Array, value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
