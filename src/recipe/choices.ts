// The choices of a run, from what is known of the photographs, with the reason for each. What a person asks for goes before what a recipe
// file says, and that before what thaw would choose.

import type { Recipe, TrainingStage } from "./file.ts";

/** What the choices depend on. */
export interface Facts {
  readonly train: number;
  /** Training images of each class, where each image is of one; empty otherwise. */
  readonly classCounts: readonly number[];
}

/** A choice that does not depend on the stage: its value and the reason. */
export type Choices = Pick<Recipe, "bs" | "balance" | "bnFreeze" | "microBatch"> & { readonly why: Readonly<Record<string, string>> };

/** Steps that an epoch should have at least, so that a few epochs are enough to learn from. */
const STEPS = 16;
/** Most and fewest images in a batch. */
const [LARGEST_BATCH, SMALLEST_BATCH] = [64, 16];
/** Images that all layers train on at once: MobileNetV2 at 224 pixels takes 11.0 GB for 64, 5.7 GB for 32, and 3.4 GB for 16 with a sixth more time (docs/recipe.md). */
const PART = 32;
/**
 * From this ratio between the largest and the smallest class on, rare ones are shown more often. On the flowers with three of five classes cut
 * to a quarter, the mean accuracy over the classes rose from 0.713 to 0.721 with it, cut to a twelfth from 0.592 to 0.696 (medians of five seeds).
 */
const IMBALANCED = 3;
/** Below this number of training images, batch norm keeps the statistics of its pretraining: they are better than what so few batches give. */
const ENOUGH_FOR_STATISTICS = 10_000;

/** What thaw would choose for photographs of which `facts` are known. */
export function chooseFor({ train, classCounts }: Facts): Choices {
  const bs = Math.max(SMALLEST_BATCH, Math.min(LARGEST_BATCH, 2 ** Math.floor(Math.log2(Math.max(1, train / STEPS)))));
  const present = classCounts.filter((count) => count > 0);
  const ratio = present.length === 0 ? 1 : Math.max(...present) / Math.min(...present);
  const bnFreeze = train < ENOUGH_FOR_STATISTICS;
  const why = {
    bs: `${Math.ceil(train / bs)} steps an epoch`,
    balance: ratio >= IMBALANCED ? `the largest class has ${round(ratio)} times as many images as the smallest` : "classes of similar size",
    bnFreeze: bnFreeze ? "few images give poor statistics" : "enough images for statistics of their own",
  };
  // Batch norm that counts its statistics needs the whole batch for them.
  const microBatch = bnFreeze ? Math.min(PART, bs) : bs;
  return { bs, balance: ratio >= IMBALANCED ? "sampling" : "none", bnFreeze, microBatch, why };
}

/** Cycles of a stage by the number of training images: few images need more epochs, many show enough in fewer. */
export function cyclesFor(stage: TrainingStage, train: number): { cycles: number; cycleLen: number; cycleMult: number; why: string } {
  const [few, usual, many] = EPOCHS[stage];
  const [plan, why] =
    train < FEW ? [few, "few images, so more epochs"] : train < MANY ? [usual, "the usual length"] : [many, "many images, so fewer epochs"];
  return { ...plan, why };
}

const [FEW, MANY] = [500, 20_000];
const plan = (cycles: number, cycleMult: number) => ({ cycles, cycleLen: 1, cycleMult });
/** For few images, the usual number, and many. */
const EPOCHS = {
  precompute: [plan(4, 2), plan(3, 2), plan(2, 2)],
  augment: [plan(3, 1), plan(3, 1), plan(2, 1)],
  unfreeze: [plan(2, 2), plan(2, 2), plan(1, 1)],
} as const;

/** The cycles of `epochs` epochs: doubling ones where the stage has those and they fit (1, 3, 7, 15 …), or one for each epoch, else a single one. */
export function cyclesOf(stage: TrainingStage, epochs: number): { cycles: number; cycleLen: number; cycleMult: number } {
  if (stage === "augment") return plan(epochs, 1);
  const doubling = Math.log2(epochs + 1);
  return Number.isInteger(doubling) ? plan(doubling, 2) : { cycles: 1, cycleLen: epochs, cycleMult: 1 };
}

/** Epochs of a plan. */
export function epochsOf({ cycles, cycleLen, cycleMult }: Pick<Recipe["stages"][number], "cycles" | "cycleLen" | "cycleMult">): number {
  return Array.from({ length: cycles }, (_, k) => cycleLen * cycleMult ** k).reduce((a, b) => a + b, 0);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
