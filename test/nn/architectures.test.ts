// Every published network against torchvision: logits with parameters by formula, and the number of parameters.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sizeOf } from "../../src/core/tensor.ts";
import { architectures } from "../../src/nn/catalogue.ts";
import { createHead } from "../../src/nn/head.ts";
import { resnet34 } from "../../src/nn/resnet.ts";
import { describeParameters, type ParameterSpec, type Stage } from "../../src/nn/scope.ts";
import { thawSmall } from "../../src/nn/thaw-small.ts";
import { bodyParameters, networkParameters } from "../../src/nn/weights.ts";
import { formulaParameters, imageBatch } from "../reference/formula.ts";
import { runStages } from "./run-stages.ts";

interface Reference {
  readonly size: number;
  readonly every: number;
  readonly logits: Readonly<Record<string, readonly (readonly number[])[]>>;
}

const { size, every, logits }: Reference = JSON.parse(readFileSync(new URL("../reference/logits.json", import.meta.url), "utf8"));

/** Parameters that training changes; running statistics are not counted, as in PyTorch. */
function count(specs: readonly ParameterSpec[]): number {
  return specs.filter(({ kind }) => kind !== "mean" && kind !== "variance").reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function countOf(stages: readonly Stage[], input: readonly number[]): number {
  return count(describeParameters(stages, input));
}

test.each(architectures.filter(({ classifier }) => classifier.length > 0))("$name gives torchvision's logits", async (architecture) => {
  const stages = [...architecture.body, ...architecture.classifier];
  const result = await runStages(stages, formulaParameters(networkParameters(architecture)), imageBatch("images", [2, 3, size, size]));
  expect(result.shape).toEqual([2, 1000]);
  const kept = Array.from(result.data as Float32Array).filter((_, i) => (i % 1000) % every === 0);
  expect(kept).toBeAllClose(logits[architecture.name]?.flat() ?? [], 1e-4);
});

test.each([
  ["resnet18", 11_689_512],
  ["resnet34", 21_797_672],
  ["resnet50", 25_557_032],
  ["mobilenet_v2", 3_504_872],
  ["squeezenet1_1", 1_235_496],
])("%s has the %i parameters that torchvision counts", (name, expected) => {
  const architecture = architectures.find((candidate) => candidate.name === name);
  expect(architecture && count(networkParameters(architecture))).toBe(expected);
});

test("the layer groups of ResNet-34 and its head have the sizes that fastai gives", () => {
  const groups = [0, 1].map((group) => resnet34.body.filter((stage) => stage.group === group));
  expect(count(bodyParameters(resnet34))).toBe(21_284_672);
  expect(countOf(groups[0] ?? [], [1, 3, 224, 224])).toBe(1_347_904);
  expect(countOf(groups[1] ?? [], [1, 128, 28, 28])).toBe(19_936_768);
  expect(countOf(createHead({ features: 512, classes: 2 }), [1, 512, 7, 7])).toBe(528_898);
});

test.each(architectures)("the stages of $name go from group to group and end with its features", (architecture) => {
  const groups = architecture.body.map((stage) => stage.group);
  expect(groups).toEqual(groups.toSorted());
  expect(new Set(groups)).toEqual(new Set([0, 1]));
  expect(new Set(architecture.body.map((stage) => stage.name)).size).toBe(architecture.body.length);
  expect(() =>
    describeParameters([...architecture.body, ...createHead({ features: architecture.features, classes: 3 })], [2, 3, 64, 64]),
  ).not.toThrow();
});

test("every network takes images of other sizes than it was trained at", () => {
  for (const architecture of architectures) {
    const head = createHead({ features: architecture.features, classes: 2 });
    expect(describeParameters([...architecture.body, ...head], [1, 3, 97, 130])).toEqual(
      describeParameters([...architecture.body, ...head], [1, 3, 224, 224]),
    );
  }
});

test("the network that ships has at most 4 million parameters, which in half precision are 8 MB", () => {
  expect(count(bodyParameters(thawSmall))).toBe(2_913_856);
});
