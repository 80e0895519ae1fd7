// How much the augmented views of test-time augmentation count beside the plain prediction.

import { isBetter } from "../loop/epoch-result.ts";
import type { Validation } from "../task/task.ts";

/** The share of what is left that each step of the golden-section search keeps (Kiefer 1953), and the steps: to 1e-3. */
const [KEPT, STEPS] = [(Math.sqrt(5) - 1) / 2, 15];

/** (1 − weight) · plain + weight · augmented. */
export function mix(plain: Float32Array, augmented: Float32Array, weight: number): Float32Array {
  return plain.map((value, i) => value + weight * (augmented[i]! - value));
}

/**
 * The weight in [0, 1] with the least loss by `worth`: the loss of a mixture of probabilities is convex in its weights. It is 0 if the plain
 * predictions are as good, by accuracy and then by loss.
 */
export function fitViewWeight(worth: (weight: number) => Validation): number {
  let [low, high] = [0, 1];
  let [left, right] = [high - KEPT, low + KEPT];
  let [leftLoss, rightLoss] = [worth(left).loss, worth(right).loss];
  for (let step = 0; step < STEPS; step++) {
    if (leftLoss <= rightLoss) {
      [high, right, rightLoss] = [right, left, leftLoss];
      left = high - KEPT * (high - low);
      leftLoss = worth(left).loss;
    } else {
      [low, left, leftLoss] = [left, right, rightLoss];
      right = low + KEPT * (high - low);
      rightLoss = worth(right).loss;
    }
  }
  const fitted = [(low + high) / 2, 1].reduce((a, b) => (worth(b).loss < worth(a).loss ? b : a));
  return better(worth(fitted), worth(0)) ? fitted : 0;
}

function better(a: Validation, b: Validation): boolean {
  return isBetter({ accuracy: a.accuracy, validLoss: a.loss }, { accuracy: b.accuracy, validLoss: b.loss });
}
