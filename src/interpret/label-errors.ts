// Which labels are likely wrong: confident learning (Northcutt, Jiang and Chuang 2021) on probabilities by networks that did not see the image.

/** How doubtful an image's label is; classes by index. */
export interface LabelDoubt {
  /** Its index among the images. */
  readonly index: number;
  readonly given: number;
  /** The likeliest other class. */
  readonly suggested: number;
  /** In [0, 1]: 1 less the probability of the given label. */
  readonly score: number;
  /** Whether confident learning counts it as an error: another class is as probable as it usually is for its own images. */
  readonly likely: boolean;
}

/**
 * All images, the most doubtful label first: those whose label has the lowest probability. `probabilities` [images, classes] must be out of
 * fold: of networks that were not trained on the image. An error is likely if another class is at least as probable as it is on average
 * for the images that are labelled so, and the most probable of those is not the given one (Northcutt et al., section 3.1).
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
    return {
      index,
      given,
      suggested: highest((label) => label !== given),
      score: 1 - row[given]!,
      likely: confident >= 0 && confident !== given,
    };
  });
  return doubts.sort((a, b) => b.score - a.score);
}

/** The mean probability of each class over the images that are labelled so; 1 for a class without images, so that no image reaches it. */
function usualConfidence(probabilities: Float32Array, labels: ArrayLike<number>, classes: number): Float64Array {
  const [sums, counts] = [new Float64Array(classes), new Float64Array(classes)];
  for (let row = 0; row < labels.length; row++) {
    sums[labels[row]!]! += probabilities[row * classes + labels[row]!]!;
    counts[labels[row]!]!++;
  }
  return sums.map((sum, label) => (counts[label]! > 0 ? sum / counts[label]! : 1));
}
