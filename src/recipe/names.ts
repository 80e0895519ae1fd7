// The words that recipes and the command line have in common.

/** The stages that train, in their order. */
export const TRAINING_STAGES = ["precompute", "augment", "unfreeze"] as const;
/** Sets of augmentations. */
export const AUGMENTATIONS = ["side-on", "top-down", "basic", "none"] as const;
export const OPTIMIZERS = ["sgd", "adam", "adamw", "rmsprop"] as const;
/** What training images are mixed with: nothing, others of their batch, rectangles of others, or each batch one of the two. */
export const MIXES = ["none", "mixup", "cutmix", "both"] as const;
/** What is done about classes of unequal size: nothing, rare classes shown as often as common ones, or counting as much in the loss. */
export const BALANCES = ["none", "sampling", "weights"] as const;
