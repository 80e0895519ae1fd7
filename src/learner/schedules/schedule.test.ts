import { expect, test } from "vitest";
import { cosineRestarts, epochsOfPhases, exponentialRise } from "./schedule.ts";

test.each([
  [1, 2, 3, 7],
  [1, 2, 4, 15],
  [2, 1, 3, 6],
  [1, 2, 5, 31],
  [2, 2, 3, 14],
])("cycleLen %i, cycleMult %i and %i cycles make %i epochs", (cycleLen, cycleMult, cycles, epochs) => {
  expect(epochsOfPhases(cycles, { cycleLen, cycleMult }).reduce((a, b) => a + b)).toBe(epochs);
});

test("a cycle count that is not a positive whole number is refused by name", () => {
  expect(() => epochsOfPhases(0, {})).toThrow("Expected a whole number of at least 1 for cycles but received 0");
  expect(() => epochsOfPhases(1, { cycleLen: 1.5 })).toThrow("for cycleLen but received 1.5");
});

test.each([
  [0, 0.01],
  [1, 0.01],
  [2, 0.99384],
  [3, 0.98618],
  [38, 0.006156],
  [39, 0.001541],
  [40, 1],
  [41, 0.99961],
])("cosine annealing with restarts has fastai's value at batch %i", (step, factor) => {
  expect(cosineRestarts([40, 80])(step)).toBeCloseTo(factor, 5);
});

test("without the warm-up the first batch runs at the full rate", () => {
  expect(cosineRestarts([40], { warmUp: false })(0)).toBe(1);
});

test.each([
  [0, 1e-5],
  [1, 1.0391e-5],
  [36, 3.981e-5],
  [180, 0.01],
  [304, 1.166],
  [359, 9.6235],
])("the finder has fastai's rate at batch %i of 360", (step, lr) => {
  expect(exponentialRise(1e-5, 10, 360)(step) / lr).toBeCloseTo(1, 3);
});
