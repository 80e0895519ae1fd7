// Every published network against torchvision or timm: logits with parameters by formula, and the number of parameters. With ALL_NETWORKS=1
// all of them, otherwise one of each family.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sizeOf } from "../../src/core/index.ts";
import { type Architecture, architectures, resnet34, thawSmall } from "../../src/index.ts";
import {
  bodyParameters,
  createHead,
  describeParameters,
  networkParameters,
  type ParameterSpec,
  type Stage,
  tokenPool,
} from "../../src/nn/index.ts";
import { formulaParameters, imageBatch } from "../reference/formula.ts";
import { networks } from "./all-networks.ts";
import { runStages } from "./run-stages.ts";

interface Network {
  /** Size of the images. */
  readonly size: readonly [height: number, width: number];
  readonly parameters: number;
  /** For two images, every nth logit. */
  readonly logits: readonly (readonly number[])[];
}

const reference: { readonly every: number; readonly networks: Readonly<Record<string, Network>> } = JSON.parse(
  readFileSync(new URL("../reference/logits.json", import.meta.url), "utf8"),
);

/** The smallest side that every network supports. */
const SMALLEST = 75;

/** Parameters that training changes; running statistics are not counted, as in PyTorch. */
function count(specs: readonly ParameterSpec[]): number {
  return specs.filter(({ kind }) => kind !== "mean" && kind !== "variance").reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function countOf(stages: readonly Stage[], input: readonly number[]): number {
  return count(describeParameters(stages, input));
}

/** The stages up to the output that make_logits.py records: the logits, or the pooled tokens of a transformer without a classifier. */
function recorded({ body, classifier }: Architecture): readonly Stage[] {
  return [...body, ...(classifier.length > 0 ? classifier : [{ name: "pool", group: 1, apply: tokenPool }])];
}

const published = networks.filter(({ name }) => name !== thawSmall.name);

describe.each(published)("$name", ({ name, architecture, skipped }) => {
  const { size, logits, parameters } = reference.networks[name] as Network;

  test.skipIf(skipped)("gives the reference's logits", { timeout: 300_000 }, async () => {
    const images = imageBatch("images", [2, 3, ...size]);
    const result = await runStages(recorded(architecture), formulaParameters(networkParameters(architecture)), images);
    const width = result.shape[1] as number;
    const kept = Array.from(result.data as Float32Array).filter((_, i) => (i % width) % reference.every === 0);
    expect(kept).toBeAllClose(logits.flat(), 1e-4);
  });

  test("has as many parameters as the reference", () => {
    expect(count(networkParameters(architecture))).toBe(parameters);
  });
});

test("the layer groups of ResNet-34 and its head have the sizes that fastai gives", () => {
  const groups = [0, 1].map((group) => resnet34.body.filter((stage) => stage.group === group));
  expect(count(bodyParameters(resnet34))).toBe(21_284_672);
  expect(countOf(groups[0] ?? [], [1, 3, 224, 224])).toBe(1_347_904);
  expect(countOf(groups[1] ?? [], [1, 128, 28, 28])).toBe(19_936_768);
  expect(countOf(createHead({ features: 512, classes: 2 }), [1, 512, 7, 7])).toBe(528_898);
});

test.each(architectures)("the stages of $name are ordered by group and end with its features", (architecture) => {
  const groups = architecture.body.map((stage) => stage.group);
  expect(groups).toEqual(groups.toSorted());
  expect(new Set(groups)).toEqual(new Set([0, 1]));
  expect(new Set(architecture.body.map((stage) => stage.name)).size).toBe(architecture.body.length);
  const stages = [...architecture.body, ...createHead({ features: architecture.features, classes: 3 })];
  expect(() => describeParameters(stages, [2, 3, SMALLEST, SMALLEST])).not.toThrow();
});

test.each(architectures)("$name accepts images of other sizes than it was trained at", (architecture) => {
  const stages = [...architecture.body, ...createHead({ features: architecture.features, classes: 2 })];
  expect(describeParameters(stages, [1, 3, 97, 130])).toEqual(describeParameters(stages, [1, 3, architecture.size, architecture.size]));
});

test("the shipped network has at most 4 million parameters, 8 MB in half precision", () => {
  expect(count(bodyParameters(thawSmall))).toBe(2_223_872);
});
