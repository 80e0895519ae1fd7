// The words that choices accept.

/** The stages that train, in their order. */
export const TRAINING_STAGES = ["precompute", "augment", "unfreeze"] as const;
/** All stages: those that train, and test-time augmentation. */
export const STAGES = [...TRAINING_STAGES, "tta"] as const;
/** Sets of augmentations. */
export const AUGMENTATION_SETS = ["side-on", "top-down", "basic", "none"] as const;
export const OPTIMIZERS = ["sgd", "adam", "adamw", "rmsprop"] as const;
/** What training images are mixed with: nothing, others of their batch, rectangles of others, or one of the two for each batch. */
export const MIXES = ["none", "mixup", "cutmix", "both"] as const;
/**
 * What is done about classes of unequal size: nothing, showing rare classes as often as common ones, or giving them more weight in the
 * loss.
 */
export const BALANCES = ["none", "sampling", "weights"] as const;
export const PRECISIONS = ["auto", "fp32", "int8"] as const;
