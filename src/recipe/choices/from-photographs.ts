// The choices that depend on the photographs, each with its reason.

import type { Chosen, Facts, ValuesBefore } from "./choice.ts";

/** Steps that an epoch should have at least, so that a few epochs are enough to learn from. */
const STEPS = 16;
const [LARGEST_BATCH, SMALLEST_BATCH] = [64, 16];
/**
 * Images that all layers train on at once: MobileNetV2 at 224 pixels takes 6.6 GB for 64, 4.5 GB for 32, and 2.7 GB for 16 with a sixth
 * more time; EfficientNet-Lite0 4.6 GB for 32, and 2.8 GB for 16 (docs/recipe.md). A laptop has 8 GB.
 */
const MICRO_BATCH = 16;
/**
 * From this ratio between the largest and the smallest class on, rare ones are shown more often. On the flowers with three of five classes
 * cut to a quarter, the mean accuracy over the classes rose from 0.792 to 0.808 with it, cut to a twelfth from 0.667 to 0.758 (medians of
 * three seeds).
 */
const IMBALANCED = 3;
/** Below this number of training images, batch norm keeps its pretrained statistics: they are better than those of so few batches. */
const ENOUGH_FOR_STATISTICS = 10_000;

export function batchSizeFor({ train }: Facts): Chosen<number> {
  const value = Math.max(SMALLEST_BATCH, Math.min(LARGEST_BATCH, 2 ** Math.floor(Math.log2(Math.max(1, train / STEPS)))));
  return { value, reason: `${Math.ceil(train / value)} steps an epoch` };
}

/** Batch norm that updates its statistics needs the whole batch for them. */
export function microBatchFor(facts: Facts, { bs = batchSizeFor(facts).value, bnFreeze }: ValuesBefore): Chosen<number> {
  return { value: bnFreeze ? Math.min(MICRO_BATCH, bs) : bs };
}

export function balanceFor({ classCounts }: Facts): Chosen<"sampling" | "none"> {
  const present = classCounts.filter((count) => count > 0);
  const ratio = present.length === 0 ? 1 : Math.max(...present) / Math.min(...present);
  if (ratio < IMBALANCED) return { value: "none", reason: "classes of similar size" };
  return { value: "sampling", reason: `the largest class has ${Math.round(ratio * 10) / 10} times as many images as the smallest` };
}

export function bnFreezeFor({ train }: Facts): Chosen<boolean> {
  return train < ENOUGH_FOR_STATISTICS
    ? { value: true, reason: "few images give poor statistics" }
    : { value: false, reason: "enough images for statistics of their own" };
}
