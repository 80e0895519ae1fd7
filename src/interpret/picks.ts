// Chooses images to look at: the largest losses, and for each class the most correct, most incorrect and most uncertain ones, by the rules
// of fastai 0.7's ImageModelResults.

import { expected } from "../core/errors.ts";
import { randomStream } from "../core/random.ts";
import { argmaxRows } from "../metrics/losses.ts";
import type { ItemLoss } from "./item-losses.ts";

/** Predictions for images with one class each. */
export interface ClassPredictions {
  /** Paths relative to the data's folder. */
  readonly files: readonly string[];
  /** Class indices [images]. */
  readonly targets: ArrayLike<number>;
  /** [images, classes], row by row. */
  readonly probabilities: Float32Array;
}

/** An image and its prediction; classes by index. Its loss is the cross-entropy in nats: −log of the target's probability. */
export interface PredictedImage extends ItemLoss {
  readonly target: number;
  readonly predicted: number;
  /** Of the predicted class. */
  readonly probability: number;
  readonly targetProbability: number;
}

/** Smaller probabilities count as this, so that their logarithms stay finite. */
const LEAST = 1e-12;

/** The prediction for each image, in order. */
export function picksOf({ files, targets, probabilities }: ClassPredictions): readonly PredictedImage[] {
  const classes = probabilities.length / files.length;
  const predicted = argmaxRows(probabilities, classes);
  return files.map((file, index) => {
    const [target, guess] = [targets[index]!, predicted[index]!];
    const targetProbability = probabilities[index * classes + target]!;
    const probability = probabilities[index * classes + guess]!;
    return { index, file, target, predicted: guess, probability, targetProbability, loss: -Math.log(Math.max(targetProbability, LEAST)) };
  });
}

/** The `n` images with the largest losses, the largest first. */
export function topLosses<Item extends ItemLoss>(items: readonly Item[], n: number): readonly Item[] {
  return items.toSorted((a, b) => b.loss - a.loss).slice(0, n);
}

/** Correctly predicted images of class `label`, those with the highest probability first. */
export function mostCorrect(picks: readonly PredictedImage[], label: number, n: number): readonly PredictedImage[] {
  return members(picks, label, (pick) => pick.predicted === label)
    .sort((a, b) => b.targetProbability - a.targetProbability)
    .slice(0, n);
}

/** Images of class `label` that were predicted as another, those with the lowest probability of `label` first. */
export function mostIncorrect(picks: readonly PredictedImage[], label: number, n: number): readonly PredictedImage[] {
  return members(picks, label, (pick) => pick.predicted !== label)
    .sort((a, b) => a.targetProbability - b.targetProbability)
    .slice(0, n);
}

/** Images of class `label` whose probability of `label` is nearest to 1/`classes`, the nearest first. */
export function mostUncertain(picks: readonly PredictedImage[], label: number, n: number, classes: number): readonly PredictedImage[] {
  const distance = ({ targetProbability }: PredictedImage): number => Math.abs(targetProbability - 1 / classes);
  return members(picks, label, () => true)
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, n);
}

/** `n` random images, drawn with `seed` from those that were predicted correctly (or wrongly). */
export function randomPicks(picks: readonly PredictedImage[], right: boolean, n: number, seed: number): readonly PredictedImage[] {
  const from = picks.filter((pick) => (pick.predicted === pick.target) === right);
  return randomStream(seed, "picks", right ? "right" : "wrong")
    .shuffle(from)
    .slice(0, n);
}

/** A pair of classes, by index, and how often images of `target` were predicted as `predicted`. */
export interface Confused {
  readonly target: number;
  readonly predicted: number;
  readonly count: number;
}

/** The pairs that were confused at least `least` times, the most frequent first. `counts` is [classes, classes], rows true. */
export function mostConfused(counts: ArrayLike<number>, classes: number, least: number): readonly Confused[] {
  if (!(least >= 1)) throw expected("a number of at least 1", "the least count", least);
  return Array.from({ length: classes * classes }, (_, cell) => ({
    target: Math.floor(cell / classes),
    predicted: cell % classes,
    count: counts[cell]!,
  }))
    .filter(({ target, predicted, count }) => target !== predicted && count >= least)
    .sort((a, b) => b.count - a.count);
}

function members(picks: readonly PredictedImage[], label: number, chosen: (pick: PredictedImage) => boolean): PredictedImage[] {
  return picks.filter((pick) => pick.target === label && chosen(pick));
}
