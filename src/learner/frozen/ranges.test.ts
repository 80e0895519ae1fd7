// Ranges for an 8-bit graph: near enough on ordinary images, and seen to fail if outliers take up the range.

import { expect, test } from "vitest";
import { randomTensor } from "../../../test/check-gradient.ts";
import { float32, type Tensor } from "../../core/tensor.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import type { Graph } from "../../graph/types.ts";
import { LARGEST_DIFFERENCE } from "./precision.ts";
import { collectRanges, featureDifference } from "./ranges.ts";

/** Two convolutions and a pooled output; the first channel of the first is `outlier` times as strong as the others. */
function network(outlier = 1): Graph {
  const graph = new GraphBuilder();
  const x = graph.input("input", "float32", ["batch", 3, 8, 8]);
  const first = scaled(randomTensor([6, 3, 3, 3], "first"), (i) => (i < 27 ? outlier : 1));
  const second = scaled(randomTensor([6, 6, 1, 1], "second"), (i) => (i % 6 === 0 ? 1 / outlier : 1));
  const relu = graph.add("Relu", [graph.add("Conv", [x, graph.constant(first)], {}, { name: "first" })]);
  const pooled = graph.add("GlobalAveragePool", [graph.add("Conv", [relu, graph.constant(second)], {}, { name: "second" })]);
  return graph.build({ output: graph.add("Flatten", [pooled]) });
}

function scaled(values: Tensor<"float32">, factor: (i: number) => number): Tensor<"float32"> {
  return { ...values, data: values.data.map((value, i) => value * factor(i)) };
}

const batch = (name: string): Tensor => randomTensor([8, 3, 8, 8], name, -2, 2);
const images = { observed: [batch("a"), batch("b")], checked: [batch("c")] };

test("ordinary activations keep their features, and the ranges are those of the values", async () => {
  const { ranges, difference } = await collectRanges(network(), images, { threads: 1 });
  expect(difference).toBeGreaterThan(0);
  expect(difference).toBeLessThan(LARGEST_DIFFERENCE / 2);
  expect([...ranges.keys()]).toEqual(["input", expect.stringContaining("Relu"), "second"]);
  const [low, high] = ranges.get("input") ?? [0, 0];
  expect(low).toBeGreaterThanOrEqual(-2);
  expect(high).toBeLessThanOrEqual(2);
});

test("outliers a thousand times as large as the rest make the features differ more than is accepted", async () => {
  const { difference } = await collectRanges(network(1000), images, { threads: 1 });
  expect(difference).toBeGreaterThan(LARGEST_DIFFERENCE);
});

test("the same images give the same calibration", async () => {
  const [one, two] = [await collectRanges(network(), images, { threads: 1 }), await collectRanges(network(), images, { threads: 1 })];
  expect(two).toEqual(one);
});

test("the difference is the distance in relation to the spread of the images", () => {
  const features = [float32([0, 0, 2, 0], [2, 2])];
  expect(featureDifference(features, features)).toBe(0);
  expect(featureDifference(features, [float32([0, 0.5, 2, 0], [2, 2])])).toBeCloseTo(0.25, 6);
  expect(featureDifference(features, [float32([1, 0, 1, 0], [2, 2])])).toBeCloseTo(1, 6);
  expect(featureDifference([], [])).toBe(1);
});
