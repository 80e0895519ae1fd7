// Warns about settings that cancel each other.

import type { WorkOptions } from "../../core/progress.ts";
import { hasChance, type Transforms } from "../../data/augment/transforms.ts";

export interface EffectSettings {
  readonly tfms: Transforms;
  readonly precompute: boolean;
  readonly precomputeViews: number;
  /** Whether there are layers left of the freeze point. */
  readonly frozen: boolean;
}

/** Warns if precompute switches off the augmentation that was asked for, and if precompute or its views have no effect. */
export function warnOfNoEffect(
  { tfms, precompute, precomputeViews, frozen }: EffectSettings,
  { onWarning }: Pick<WorkOptions, "onWarning">,
): void {
  if (!precompute) return;
  // A random crop alone is the default.
  const asked = tfms.train.augment.length > 0 || tfms.train.maxZoom !== undefined;
  if (!frozen)
    onWarning?.({
      message: "Precompute has no effect while all layers train: training uses images",
      hint: "freeze() or freezeTo(n) leaves layers whose activations can be computed once.",
    });
  else if (precomputeViews === 0 && asked)
    onWarning?.({
      message: "Augmentation is inactive while precompute is on: training uses cached activations",
      hint: "Set precompute = false to train with augmentation, or precomputeViews to cache activations of several augmented views.",
    });
  else if (precomputeViews > 0 && !hasChance(tfms.train))
    onWarning?.({
      message: `precomputeViews is ${precomputeViews}, but the training transform leaves nothing to chance: all views are the same`,
      hint: "Give the data augmentations, or set precomputeViews to 0.",
    });
  else if (precomputeViews === 1 && asked)
    onWarning?.({
      message: "Augmentation hardly has an effect while precomputeViews is 1: each epoch shows the same view of an image",
      hint: "Set it to the number of epochs, or as many as there is time and room for.",
    });
}
