// Problems in the data, found with a pretrained network's features: labels that are likely wrong, near duplicates, and images
// unlike all others. Nothing is changed; the user decides.

import { UsageError } from "../core/errors.ts";
import { TARGET_KINDS } from "../data/dataset/targets.ts";
import type { ConvLearner } from "../learner/learner.ts";
import { topKAccuracy } from "../metrics/ranking.ts";
import { cosine, duplicatePairs, sameOnDisk } from "./duplicate-pairs.ts";
import { type FeatureOptions, featuresOf, standardizedRoots } from "./features.ts";
import { flippedLabels, flipTest } from "./flipped-labels.ts";
import { rankLabels } from "./label-errors.ts";
import type { LabelVerdict } from "./label-verdict.ts";
import { leaveOneOutOfEach } from "./leave-one-out.ts";
import { nearestNeighbours, neighbourVotes, rankOutliers } from "./neighbours.ts";

/** An image whose label may be wrong. */
export interface SuspectLabel {
  /** Path relative to the data's folder. */
  readonly file: string;
  readonly given: string;
  readonly suggested: string;
  /** In [0, 1]: 1 minus the probability of the given label, by classifiers that were not fitted on the image. */
  readonly score: number;
  /** Whether confident learning counts it as an error. */
  readonly likely: boolean;
}

/** Two images that are nearly the same: to the network, or by their pixels as in checkFolder. */
export interface NearDuplicate {
  readonly files: readonly [string, string];
  /** Cosine of their features, at most 1. */
  readonly similarity: number;
  /** True if they are the same picture, also scaled, saved again, slightly cropped, relit or mirrored. */
  readonly copy: boolean;
  /** True if one is for training and the other for validation, which inflates results. */
  readonly leak: boolean;
  /** True if their classes differ: one label is wrong. */
  readonly conflict: boolean;
}

/** An image, and how far it is from the others. */
export interface Outlier {
  readonly file: string;
  readonly class: string;
  /** Mean distance, 1 − cosine, to its nearest neighbours. */
  readonly distance: number;
}

export interface DataProblems extends LabelVerdict {
  /** All images, those with the most doubtful labels first. */
  readonly labels: readonly SuspectLabel[];
  /** Copies before others, and of each the most similar first. */
  readonly duplicates: readonly NearDuplicate[];
  /** All images, those farthest from all others first. */
  readonly outliers: readonly Outlier[];
}

export interface DataProblemOptions extends FeatureOptions {
  /** The least cosine of the standardised features of near duplicates; default 0.85. */
  least?: number;
}

/** Number of neighbours for votes and mean distances. */
const NEIGHBOURS = 20;

/**
 * Examines the training and validation images of `learner` with its body's current features: best before training, because a trained body
 * has learnt the labels. A label's probability is the mean of a linear classifier's, fitted without the image, and of its neighbours' votes.
 * Throws a UsageError if images are not of one class each.
 */
export async function findDataProblems(learner: ConvLearner, options: DataProblemOptions = {}): Promise<DataProblems> {
  const { least = 0.85, session = {}, onProgress, signal } = options;
  const { kind, classes, train } = learner.data;
  if (!TARGET_KINDS[kind].exclusive)
    throw new UsageError("Label errors can be found only if each image has one class", "For these targets look at the top losses.");
  const { items, width, values } = await featuresOf(learner, options);
  const pictures = await sameOnDisk(items, learner.data.path, options);
  const features = standardizedRoots(values, width);
  const labels = items.map((item) => item.label);
  const neighbours = await nearestNeighbours(features, width, NEIGHBOURS, { session, onProgress, signal });
  const rounds = flippedLabels(labels, classes.length, learner.seed);
  const labellings = [labels, ...rounds.map((round) => round.labels)];
  const heads = await leaveOneOutOfEach(features, labellings, { classes: classes.length, session, signal, onProgress });
  const report = (done: number): void => onProgress?.({ task: "Ranking labels", done, total: labellings.length, unit: "rounds" });
  const ranked = labellings.map((given, k) => {
    signal?.throwIfAborted();
    report(k);
    const votes = neighbourVotes(neighbours, given, classes.length);
    const probabilities = heads[k]!.map((probability, i) => (probability + votes[i]!) / 2);
    return { doubts: rankLabels(probabilities, given), agreement: topKAccuracy(probabilities, given, 1) };
  });
  report(labellings.length);
  const [{ doubts, agreement }, ...tested] = ranked as [(typeof ranked)[number], ...typeof ranked];
  const nameOf = (index: number): string => items[index]!.name;
  return {
    images: items.length,
    likelyWrong: doubts.filter(({ likely }) => likely).length,
    agreement,
    ...(rounds.length > 0 && {
      flips: flipTest(
        rounds,
        tested.map((round) => round.doubts),
      ),
    }),
    labels: doubts.map(({ index, given, suggested, score, likely }) => ({
      file: nameOf(index),
      given: classes[given]!,
      suggested: classes[suggested]!,
      score,
      likely,
    })),
    duplicates: duplicatePairs(neighbours, least, pictures, (a, b) => cosine(features, width, a, b)).map(({ a, b, similarity, copy }) => ({
      files: [nameOf(a), nameOf(b)],
      similarity,
      copy,
      leak: a < train.length !== b < train.length,
      conflict: labels[a] !== labels[b],
    })),
    outliers: rankOutliers(neighbours).map(({ index, distance }) => ({
      file: nameOf(index),
      class: classes[labels[index]!]!,
      distance,
    })),
  };
}
