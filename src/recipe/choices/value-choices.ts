// The choices whose values the recipe file holds under their own keys, in the file's order.

import { valueChoice } from "./choice.ts";
import { balanceFor, batchSizeFor, bnFreezeFor, microBatchFor } from "./from-photographs.ts";
import { booleans, integers, numbers, words } from "./values.ts";
import { AUGMENTATION_SETS, BALANCES, MIXES, OPTIMIZERS, PRECISIONS } from "./words.ts";

/** Augmented views that test-time augmentation averages. */
const TTA_VIEWS = 4;
const BALANCE_IN_WORDS = { none: "each photograph once", sampling: "classes equally often", weights: "rare classes count more" } as const;

export const VALUE_CHOICES = {
  /** Seed of all random numbers. */
  seed: valueChoice({
    value: integers(0),
    flags: [{ name: "seed", argument: "n", help: "the seed of all random numbers: the same seed repeats the run (default: 42)" }],
    choose: () => ({ value: 42 }),
    shown: { when: "never" },
    documentation: { title: "seed", chosen: "42" },
  }),
  /** Threads to compute with. */
  threads: valueChoice({
    value: integers(1, 1024),
    group: "run",
    flags: [{ name: "threads", argument: "n", help: "threads to compute with (default: one per core)" }],
    choose: ({ cores }) => ({ value: cores }),
    shown: { when: "never" },
    documentation: { title: "threads", chosen: "one for each core" },
  }),
  /** Images in a batch. */
  bs: valueChoice({
    value: integers(2),
    flags: [
      {
        name: "bs",
        argument: "n",
        synonyms: ["batch", "batch-size", "batchsize"],
        help: "photographs per batch (default: 64, fewer for few photographs)",
      },
    ],
    choose: batchSizeFor,
    shown: { when: "always", title: "batches", words: (bs) => `${bs} photographs` },
    documentation: { title: "batch size", chosen: "a power of two from 16 to 64, so that an epoch has 16 steps" },
  }),
  /** How training images are turned, lit and mirrored. */
  augment: valueChoice({
    value: words(AUGMENTATION_SETS),
    flags: [{ name: "augment", argument: "kind", help: "how photographs are turned, lit and mirrored (default: side-on)" }],
    choose: () => ({ value: "side-on" as const }),
    shown: { when: "asked" },
    documentation: { title: "augmentation", chosen: "`side-on`" },
  }),
  /** Training images are zoomed into by up to this factor. */
  maxZoom: valueChoice({
    value: numbers(1, { most: 10 }),
    flags: [{ name: "max-zoom", argument: "factor", help: "zoom into photographs by up to this factor (default: 1.1)" }],
    choose: () => ({ value: 1.1 }),
    shown: { when: "asked" },
    documentation: { title: "zoom of augmentation", chosen: "up to 1.1" },
  }),
  /** In the stages after the first: MixUp, CutMix, or both. */
  mix: valueChoice({
    value: words(MIXES),
    flags: [{ name: "mix", argument: "kind", help: "blend photographs of a batch, or paste parts of others into them (default: none)" }],
    choose: () => ({ value: "none" as const }),
    shown: { when: "asked" },
    missing: { value: "none" },
    documentation: { title: "mixing in `augment` and `unfreeze`", chosen: "none" },
  }),
  /** Augmented views of each image whose activations `augment` computes once and trains on in turn; 0 draws a new view in each epoch. */
  views: valueChoice({
    value: integers(0, 64),
    flags: [
      {
        name: "views",
        argument: "n",
        help:
          "augmented views of each photograph, whose activations augment computes once and trains on in turn (default: 0, new ones in " +
          "each epoch)",
      },
    ],
    choose: () => ({ value: 0 }),
    shown: { when: "asked" },
    missing: { value: 0 },
    documentation: {
      title: "views in `augment`",
      chosen:
        "0, new ones in each epoch; `--views 5` computes the activations of five views of each photograph once, and epochs take them in " +
        "turn",
    },
  }),
  /** What is done about classes of unequal size. */
  balance: valueChoice({
    value: words(BALANCES),
    flags: [
      {
        name: "balance",
        argument: "kind",
        help: "classes of unequal size: as they are, shown equally often, or weighted in the loss (default: by their sizes)",
      },
    ],
    choose: balanceFor,
    shown: { when: "always", words: (balance) => BALANCE_IN_WORDS[balance] },
    documentation: { title: "classes of unequal size", chosen: "shown equally often (`sampling`) from a ratio of 3 on" },
  }),
  optimizer: valueChoice({
    value: words(OPTIMIZERS),
    flags: [{ name: "optimizer", argument: "name", synonyms: ["opt", "optimiser"], help: "the optimiser (default: sgd)" }],
    choose: () => ({ value: "sgd" as const }),
    shown: { when: "asked" },
    documentation: { title: "optimiser", chosen: "SGD with momentum 0.9" },
  }),
  weightDecay: valueChoice({
    value: numbers(0),
    flags: [
      {
        name: "wd",
        argument: "decay",
        synonyms: ["weight-decay", "decay"],
        help: "weight decay (default: 0)",
        value: numbers(0, { most: 10 }),
      },
    ],
    choose: () => ({ value: 0 }),
    shown: { when: "asked" },
    documentation: { title: "weight decay", chosen: "0" },
  }),
  /** Share of each label that is spread evenly over all classes. */
  labelSmoothing: valueChoice({
    value: numbers(0, { below: 1 }),
    flags: [
      {
        name: "label-smoothing",
        argument: "share",
        help: "share of each label to spread evenly over all classes (default: 0)",
        value: numbers(0, { most: 0.99 }),
      },
    ],
    choose: () => ({ value: 0 }),
    shown: { when: "asked" },
    documentation: { title: "label smoothing", chosen: "0" },
  }),
  /** Precision of the frozen part when it feeds training; "auto" is 8 bit if that is faster and its features are close enough. */
  precision: valueChoice({
    value: words(PRECISIONS),
    flags: [
      {
        name: "precision",
        argument: "bits",
        help: "of the frozen layers when they feed training; validation is in fp32 (default: auto)",
      },
    ],
    choose: () => ({ value: "auto" as const }),
    shown: { when: "never" },
    documentation: {
      title: "precision of the frozen layers in training",
      chosen: "8 bit if that is faster and its features are close enough",
    },
  }),
  /** The first layer group that `unfreeze` trains. */
  freezeTo: valueChoice({
    value: integers(-10, 10),
    flags: [{ name: "freeze-to", argument: "group", help: "the first group of layers that unfreeze trains (default: 0, all)" }],
    choose: () => ({ value: 0 }),
    shown: { when: "asked", stage: "unfreeze" },
    documentation: { title: "first layer group that `unfreeze` trains", chosen: "0, so all" },
  }),
  /** How many times slower each layer group learns than the next one in `unfreeze`. */
  lrFactor: valueChoice({
    value: numbers(1),
    flags: [
      {
        name: "lr-factor",
        argument: "n",
        help: "how many times slower each earlier group of layers learns (default: 10)",
        value: numbers(1, { most: 1e6 }),
      },
    ],
    choose: () => ({ value: 10 }),
    shown: { when: "asked", stage: "unfreeze" },
    documentation: { title: "rates of earlier layers", chosen: "each group ten times slower than the next" },
  }),
  /** Whether batch norm keeps its pretrained statistics in `unfreeze`. */
  bnFreeze: valueChoice({
    value: booleans,
    flags: [
      { name: "bn-freeze", help: "batch norm keeps its statistics when all layers train (default: below 10,000 photographs)" },
      { name: "no-bn-freeze", help: "batch norm updates its statistics" },
    ],
    choose: bnFreezeFor,
    shown: {
      when: "always",
      stage: "unfreeze",
      title: "batch norm",
      words: (keeps) => (keeps ? "keeps its statistics" : "updates its statistics"),
    },
    documentation: { title: "batch norm in `unfreeze`", chosen: "keeps its pretrained statistics below 10,000 photographs" },
  }),
  /**
   * Images that all layers train on at once: the gradients of a larger batch are added up in parts of this size, which takes less memory.
   */
  microBatch: valueChoice<number | undefined>({
    value: integers(2),
    flags: [
      {
        name: "micro-batch",
        argument: "n",
        help: "photographs of a batch that all layers train on at once, to save memory (default: 16 if batch norm keeps its statistics)",
      },
    ],
    choose: microBatchFor,
    // Batch norm that updates its statistics needs the whole batch for them, whatever a recipe file says.
    implied: ({ bnFreeze }, { bs }) => (bnFreeze === false ? bs : undefined),
    shown: { when: "asked", stage: "unfreeze" },
    missing: { value: undefined },
    documentation: {
      title: "photographs at once in `unfreeze`",
      chosen: "16 if batch norm keeps its statistics, their gradients added up to the batch's; otherwise the whole batch",
    },
  }),
  /** Augmented views that test-time augmentation averages; 0 leaves it out. */
  tta: valueChoice({
    value: integers(0, 64),
    flags: [{ name: "tta", argument: "views", help: "augmented views to average at the end (default: 4)" }],
    choose: () => ({ value: TTA_VIEWS }),
    implied: ({ stages }) => stages && (stages.includes("tta") ? TTA_VIEWS : 0),
    shown: { when: "never" },
    explained: false,
    documentation: { title: "views of test-time augmentation", chosen: "4" },
  }),
  /** The share of known images that the limit for "none of these" keeps; 0 fits none. */
  known: valueChoice({
    value: numbers(0, { most: 1 }),
    flags: [
      {
        name: "known",
        argument: "share",
        help: 'answer photographs unlike the classes with "none", and keep this share of known ones; 0 always names a class (default: 0.95)',
      },
    ],
    choose: () => ({ value: 0.95 }),
    shown: { when: "asked" },
    missing: { value: 0 },
    documentation: {
      title: 'share of known photographs that "none" leaves alone',
      chosen: "0.95; 0 always names a class ([more](#what-the-answers-can-be-trusted-with))",
    },
  }),
} as const;
