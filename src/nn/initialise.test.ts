// Initial values: their distribution, and that they depend only on key and name.

import { expect, test } from "vitest";
import { createHead } from "./head.ts";
import { initialiseParameters } from "./initialise.ts";
import { describeParameters, type ParameterSpec } from "./scope.ts";

const specs = describeParameters(createHead({ features: 64, classes: 3 }), [1, 64, 2, 2]);
const weight: ParameterSpec = { name: "conv.weight", shape: [64, 32, 3, 3], kind: "weight" };

test("weights have mean 0 and standard deviation √(2 / fan-in)", () => {
  const values = Array.from(initialiseParameters([weight], 1).get("conv.weight")?.data as Float32Array);
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  const expected = Math.sqrt(2 / (32 * 9));
  // Four standard errors of 18,432 draws.
  expect(Math.abs(mean)).toBeLessThan((4 * expected) / Math.sqrt(values.length));
  expect(Math.abs(deviation / expected - 1)).toBeLessThan(4 / Math.sqrt(2 * values.length));
});

test("biases and shifts start at 0, scales at 1, running statistics at those of the standard normal distribution", () => {
  const parameters = initialiseParameters(specs, 1);
  const unique = (name: string): number[] => [...new Set(parameters.get(name)?.data as Float32Array)];
  expect(unique("head.fc0.bias")).toEqual([0]);
  expect(unique("head.bn0.bias")).toEqual([0]);
  expect(unique("head.bn0.weight")).toEqual([1]);
  expect(unique("head.bn0.running_mean")).toEqual([0]);
  expect(unique("head.bn0.running_var")).toEqual([1]);
});

test("the same key gives the same values whatever else is drawn, another key gives others", () => {
  const alone = initialiseParameters([weight], 7, "initialise").get("conv.weight");
  expect(initialiseParameters([...specs, weight], 7, "initialise").get("conv.weight")).toEqual(alone);
  expect(initialiseParameters([weight], 8, "initialise").get("conv.weight")).not.toEqual(alone);
});
