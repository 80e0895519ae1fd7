// The linear probe: the models against scikit-learn's, the choice of the L2, and a head that begins as the probe.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { randomStream, type Tensor, tensor } from "../../src/core/index.ts";
import {
  ConvLearner,
  fitLinear,
  type ImageClassifierData,
  type LearnerOptions,
  type LinearTarget,
  predictLinear,
  transformsSideOn,
} from "../../src/index.ts";
import { makePictures, makeWeights, tiny, tinyData } from "./tiny.ts";

const { rows, width, outputs, features, cases } = JSON.parse(
  readFileSync(new URL("../reference/linear.json", import.meta.url), "utf8"),
) as {
  rows: number;
  width: number;
  outputs: number;
  features: number[];
  cases: { target: LinearTarget; l2: number; targets: number[]; predicted: number[] }[];
};
const x = tensor("float32", [rows, width], Float32Array.from(features));

const ACTIVATE: Readonly<Record<LinearTarget, (outputs: readonly number[]) => readonly number[]>> = {
  classes: (logits) => logits.map((logit) => Math.exp(logit) / logits.reduce((sum, other) => sum + Math.exp(other), 0)),
  labels: (logits) => logits.map((logit) => 1 / (1 + Math.exp(-logit))),
  numbers: (values) => values,
};

test.each(cases)("$target with an L2 of $l2 are predicted as by scikit-learn", async ({ target, l2, targets, predicted }) => {
  const model = await fitLinear(x, tensor("float32", [rows, outputs], Float32Array.from(targets)), { target, l2s: [l2] });
  expect(model.l2).toBe(l2);
  expect(model.weight.shape).toEqual([outputs, width]);
  const raw = Array.from(await predictLinear(model, x));
  const rowsOf = Array.from({ length: rows }, (_, row) => raw.slice(row * outputs, (row + 1) * outputs));
  expect(rowsOf.flatMap((row) => ACTIVATE[target](row))).toBeAllClose(predicted, 5e-3);
});

/** 200 rows of two classes, of whose 40 columns one says a little. */
function noisy(): { features: Tensor<"float32">; targets: Tensor<"float32"> } {
  const random = randomStream(1, "noisy");
  const labels = Array.from({ length: 200 }, (_, row) => row % 2);
  const values = Float32Array.from({ length: 200 * 40 }, (_, i) => random.normal() + (i % 40 === 0 ? labels[Math.floor(i / 40)]! : 0));
  const targets = Float32Array.from(labels.flatMap((label) => (label === 0 ? [1, 0] : [0, 1])));
  return { features: tensor("float32", [200, 40], values), targets: tensor("float32", [200, 2], targets) };
}

test("the L2 is the one with the least loss of rows that were held out, and the same call gives the same model", async () => {
  const { features, targets } = noisy();
  const model = await fitLinear(features, targets);
  const least = model.strengths.reduce((a, b) => (b.loss < a.loss ? b : a));
  expect(model.l2).toBe(least.l2);
  // Noise asks for a strong one: a weak one fits the noise, so the path ends before it.
  expect(model.l2).toBeGreaterThanOrEqual(0.1);
  expect(model.strengths.at(-1)?.loss).toBeGreaterThan(least.loss);
  expect(await fitLinear(features, targets)).toEqual(model);
});

test("what does not fit is refused", async () => {
  const { features, targets } = noisy();
  const few = { ...features, shape: [4, 40], data: features.data.slice(0, 160) };
  await expect(fitLinear(few, { ...targets, shape: [4, 2], data: targets.data.slice(0, 8) })).rejects.toThrow(
    "Expected at least 5 rows (one for each fold) for the features but received 4",
  );
  await expect(fitLinear(few, targets)).rejects.toThrow("Expected [4, outputs] for the shape of the targets");
  await expect(fitLinear(features, targets, { l2s: [0] })).rejects.toThrow("Expected numbers above 0 for l2s");
  const broken = { ...features, data: features.data.map((value, i) => (i === 7 ? Number.NaN : value)) };
  await expect(fitLinear(broken, targets)).rejects.toThrow("Expected finite numbers for the features");
});

describe("a learner's", () => {
  let data: ImageClassifierData;
  let weights: string;

  beforeAll(async () => {
    const [folder, file] = await Promise.all([makePictures(12, 6), makeWeights()]);
    weights = file;
    data = await tinyData(folder, { augTfms: transformsSideOn });
  });
  const learnerOf = (options: Partial<LearnerOptions> = {}) => ConvLearner.pretrained(tiny, data, { weights, seed: 7, ...options });

  test("probe leaves the learner as it is, at any freeze point", async () => {
    const learner = await learnerOf();
    const { parameters } = learner;
    const { accuracy, loss, model } = await learner.linearProbe();
    expect(accuracy).toBeGreaterThan(0.9);
    expect(loss).toBeLessThan(Math.log(2));
    expect(model.weight.shape).toEqual([2, 20]);
    learner.unfreeze();
    expect((await learner.linearProbe()).model).toEqual(model);
    expect(learner.parameters).toBe(parameters);
    await learner.dispose();
  });

  test.each([
    ["without hidden layer", { xtraFc: [] }],
    ["with one", { xtraFc: [16] }],
  ])("head %s begins as the probe, and learns from there", async (_, head) => {
    const learner = await learnerOf({ ...head, precompute: true });
    const probe = await learner.linearProbe({ start: true });
    const started = await learner.predict();
    expect(started.loss).toBeCloseTo(probe.loss, 3);
    expect(started.accuracy).toBe(probe.accuracy);
    const [first] = await learner.fit(1e-3, 1);
    expect(first?.validLoss).toBeLessThan(Math.log(2));
    await learner.dispose();
  });

  test("head that cannot begin as the probe is refused with the cure", async () => {
    const learner = await learnerOf({ xtraFc: [3] });
    await expect(learner.linearProbe({ start: true })).rejects.toThrow(
      expect.objectContaining({
        message: "The head cannot begin as a linear probe",
        hint: "Give it no hidden layer (xtraFc: []) or one of at least 4 units, and no customHead.",
      }),
    );
    await learner.dispose();
  });
});
