// Warns if test-time augmentation has no effect.

import type { WorkOptions } from "../../core/progress.ts";
import { hasChance, type Transforms } from "../../data/augment/transforms.ts";

/** Warns if the views of test-time augmentation are all the same. */
export function warnOfIdenticalViews({ train }: Transforms, { onWarning }: Pick<WorkOptions, "onWarning">): void {
  if (hasChance(train)) return;
  onWarning?.({
    message: "Test-time augmentation has no effect: the training transform leaves nothing to chance, so all views are the same",
    hint: "Give the data augmentations (augTfms, maxZoom), or predict plainly.",
  });
}
