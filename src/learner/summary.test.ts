import { describe, expect, test } from "vitest";
import { resnet34 } from "../nn/architectures/resnet.ts";
import { createHead } from "../nn/head.ts";
import { type LayerSummary, summarize, summaryText } from "./summary.ts";

const stages = [...resnet34.body, ...createHead({ features: resnet34.features, classes: 2 })];
const layers = summarize(stages, [1, 3, 224, 224], (group) => group === 2);

function total(of: readonly LayerSummary[]): number {
  return of.reduce((sum, { parameters }) => sum + parameters, 0);
}

describe("ResNet-34 with a head for two classes", () => {
  test.each([
    [0, 1_347_904],
    [1, 19_936_768],
    [2, 528_898],
  ])("layer group %i has fastai's number of parameters", (group, count) => {
    expect(total(layers.filter((layer) => layer.group === group))).toBe(count);
  });

  test("the head is batch norm, linear, ReLU, batch norm, linear", () => {
    const head = layers.filter(({ group }) => group === 2);
    expect(head.map(({ operator, outputShape, parameters }) => [operator, outputShape, parameters])).toEqual([
      ["BatchNormalization", [1, 1024], 2048],
      ["Gemm", [1, 512], 524_800],
      ["Relu", [1, 512], 0],
      ["BatchNormalization", [1, 512], 1024],
      ["Gemm", [1, 2], 1026],
    ]);
    expect(head.map(({ trainable }) => trainable)).toEqual([true, true, false, true, true]);
  });

  test("as text it has a line for each layer, marks what trains, and sums up", () => {
    const lines = summaryText(layers).split("\n");
    expect(lines).toHaveLength(layers.length + 2);
    expect(lines[0]).toMatch(/^group {2}layer +operator +output +parameters$/);
    expect(lines[1]).toMatch(/^0 +conv1 +Conv +64 × 112 × 112 +9408$/);
    expect(lines.at(-2)).toMatch(/^2 +head\.fc1 +Gemm +2 +1026 +trains$/);
    // fastai's numbers for the body's two groups and the head.
    expect(lines.at(-1)).toBe(`${1_347_904 + 19_936_768 + 528_898} parameters, of which 528898 train`);
  });

  test("a layer has its name, shapes and stage", () => {
    expect(layers[0]).toEqual({
      name: "conv1",
      operator: "Conv",
      stage: expect.any(String),
      group: 0,
      inputShape: [1, 3, 224, 224],
      outputShape: [1, 64, 112, 112],
      trainable: false,
      parameters: 9408,
    });
  });
});
