// Finds labels that are likely wrong, by confident learning (Northcutt, Jiang and Chuang 2021) on probabilities by
// classifiers that did not see the image.

/** The doubt about an image's label; classes by index. */
export interface LabelDoubt {
  /** Its index among the images. */
  readonly index: number;
  readonly given: number;
  /** The most probable other class. */
  readonly suggested: number;
  /** In [0, 1]: 1 minus the probability of the given label. */
  readonly score: number;
  /** Whether confident learning counts it as an error: another class is as probable as it is on average for its own images. */
  readonly likely: boolean;
}

/**
 * All images, those whose labels have the lowest probability first. `probabilities` [images, classes] must be from classifiers that
 * were not fitted on the image. An error is likely if some classes are at least as probable as they are on average for the images
 * with their label, and the most probable of them is not the given one (Northcutt et al., section 3.1); nor may the given one be the most
 * probable of all, which it can be among many classes of few images, some of which are hardly probable for their own.
 */
export function rankLabels(probabilities: Float32Array, labels: ArrayLike<number>): readonly LabelDoubt[] {
  const classes = probabilities.length / labels.length;
  const usual = usualConfidence(probabilities, labels, classes);
  const doubts = Array.from({ length: labels.length }, (_, index): LabelDoubt => {
    const given = labels[index]!;
    const row = probabilities.subarray(index * classes, (index + 1) * classes);
    const highest = (chosen: (label: number) => boolean): number =>
      row.reduce((best, value, label) => (chosen(label) && (best < 0 || value > row[best]!) ? label : best), -1);
    const confident = highest((label) => row[label]! >= usual[label]!);
    const suggested = highest((label) => label !== given);
    return {
      index,
      given,
      suggested,
      score: 1 - row[given]!,
      likely: confident >= 0 && confident !== given && row[suggested]! > row[given]!,
    };
  });
  return doubts.sort((a, b) => b.score - a.score);
}

/** The mean probability of each class over the images with its label; 1 for a class without images, so that no image reaches it. */
function usualConfidence(probabilities: Float32Array, labels: ArrayLike<number>, classes: number): Float64Array {
  const [sums, counts] = [new Float64Array(classes), new Float64Array(classes)];
  for (let row = 0; row < labels.length; row++) {
    sums[labels[row]!]! += probabilities[row * classes + labels[row]!]!;
    counts[labels[row]!]!++;
  }
  return sums.map((sum, label) => (counts[label]! > 0 ? sum / counts[label]! : 1));
}
