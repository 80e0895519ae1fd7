// Class labels as the rows that a training step takes.

import { type Tensor, zeros } from "../../core/tensor.ts";

/** One-hot targets [batch, classes]. */
export function oneHot(labels: readonly number[], classes: number): Tensor<"float32"> {
  const targets = zeros("float32", [labels.length, classes]);
  for (const [row, label] of labels.entries()) targets.data[row * classes + label] = 1;
  return targets;
}
