// A fit that is stopped at any step and goes on from its checkpoint ends with the bits of one that was never stopped.

import { rm } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { adam, adamW, earlyStopping, type LearnerOptions, reduceOnPlateau } from "../../src/index.ts";
import { checkpoint, data, outcomeOf, prepareFits, type Work } from "./outcomes.ts";

beforeAll(prepareFits);

const cases: readonly (readonly [string, Partial<LearnerOptions>, Work])[] = [
  ["the head on cached activations", { precompute: true }, (learner, options) => learner.fit(0.01, 2, { cycleLen: 1, ...options })],
  ["the head on augmented images, balanced", { sampling: "balanced" }, (learner, options) => learner.fit(0.01, 2, { ...options })],
  [
    "all layers by Adam with clipping, the best epoch kept",
    { optimizer: adam(), clip: 1 },
    (learner, options) => {
      learner.unfreeze();
      return learner.fit([1e-4, 1e-3, 1e-2], 2, { cycleLen: 1, best: true, ...options });
    },
  ],
  [
    "accumulated gradients, with averaged weights",
    {},
    (learner, options) => {
      learner.unfreeze();
      return learner.fit([1e-4, 1e-3, 1e-2], 2, { accumulate: 3, useSwa: true, swaEvalFreq: 1, ...options });
    },
  ],
  [
    "phases of fractions of epochs, with another optimiser and other data",
    {},
    async (learner, options) =>
      learner.fitPhases(
        [
          { epochs: 0.6, lr: 1e-2 },
          { epochs: 1, lr: 1e-3, optimizer: adamW(), data: await data.withSize(24) },
          { epochs: 0.5, lr: 1e-3 },
        ],
        options,
      ),
  ],
  [
    "callbacks that wait, lower the rate and stop",
    { precompute: true },
    (learner, { callbacks = [], ...options }) =>
      learner.fit(0.05, 4, {
        ...options,
        callbacks: [...callbacks, reduceOnPlateau({ patience: 1 }), earlyStopping({ patience: 2, monitor: "trainLoss" })],
      }),
  ],
  ["fineTune, its frozen epoch and those after it", {}, (learner, options) => learner.fineTune(2, options)],
];

describe.each(cases)("%s", (name, options, work) => {
  test("goes on bit for bit from wherever it was stopped", async () => {
    const whole = await outcomeOf(work, options, { keep: false });
    const steps = whole.lrs?.length ?? 0;
    expect(steps).toBeGreaterThan(4);
    // In an epoch, at its end before the validation, and in the next one; for one case after every step.
    const places = name === cases[0]?.[0] ? Array.from({ length: steps - 1 }, (_, i) => i + 1) : [2, 4, 5];
    for (const stopAt of places) {
      for (const file of [checkpoint, `${checkpoint}.frozen`]) await rm(file, { force: true });
      await expect(outcomeOf(work, options, { stopAt, keep: true })).rejects.toThrow("stopped");
      // Stopped once more in what is left.
      if (stopAt === 2) await expect(outcomeOf(work, options, { stopAt: 1, keep: true })).rejects.toThrow("stopped");
      expect(await outcomeOf(work, options, { keep: true })).toEqual(whole);
    }
    // Over, it is not done again.
    expect(await outcomeOf(work, options, { stopAt: 1, keep: true })).toEqual(whole);
  });
});
