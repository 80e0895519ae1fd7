// The recipe on the drawn sample pictures: the same on WebAssembly as on Node's CPU, from the same pixels.

import { describe, expect, inject, test } from "vitest";
import { courseOf, recipeOf, stepLosses } from "./sample-outcome.ts";

const device = inject("device");
const { pictures: encoded, ...expected } = inject("sample");
const pictures = Object.fromEntries(
  Object.entries(encoded).map(([name, text]) => [name, Uint8Array.from(atob(text), (character) => character.charCodeAt(0))]),
);
/** Of losses, relative to the largest; rounding errors grow from step to step, so that those of a whole run part further. */
const [TOLERANCE, OF_RUN] = [1e-4, 1e-3];

describe.skipIf(device === undefined)("the sample pictures", () => {
  test("20 training steps of all layers have the same losses", { timeout: 300_000 }, async () => {
    const losses = await stepLosses(pictures, device);
    expect(losses).toHaveLength(20);
    expect(losses).toBeAllClose(expected.steps, TOLERANCE);
  });

  test("finder, head, augmentation, all layers, views, calibration and the saved model agree", { timeout: 300_000 }, async () => {
    const course = await courseOf(pictures, device);
    expect(course.finder).toBeAllClose(expected.course.finder, TOLERANCE);
    expect(course.validLosses).toBeAllClose(expected.course.validLosses, TOLERANCE);
    expect(course.accuracies).toEqual(expected.course.accuracies);
    for (const name of ["tta", "predicted", "reloaded"] as const) expect(course[name], name).toBeAllClose(expected.course[name], 1e-3);
    expect(course.temperature).toBeCloseTo(expected.course.temperature, 2);
    expect(course.validLosses.at(-1)).toBeLessThan(course.validLosses[0]!);
  });

  test("a whole run of the recipe has the same losses in all stages, and ends with the same accuracy, within one point", {
    timeout: 600_000,
  }, async () => {
    const { validLosses, accuracy } = await recipeOf(pictures);
    // 15 epochs of the head, three of the augmented head, and at least one of all layers.
    expect(validLosses.length).toBeGreaterThanOrEqual(19);
    expect(validLosses.slice(0, 3)).toBeAllClose(expected.recipe.validLosses.slice(0, 3), TOLERANCE);
    expect(validLosses).toBeAllClose(expected.recipe.validLosses, OF_RUN);
    expect(Math.abs(accuracy - expected.recipe.accuracy)).toBeLessThanOrEqual(0.01);
  });
});
