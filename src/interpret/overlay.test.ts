import { expect, test } from "vitest";
import { heatColour, normalizedHeat, overlay } from "./overlay.ts";

/** CIELAB's lightness. */
function lightness(colour: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = colour.map((value) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 116 * Math.cbrt(0.2126 * r + 0.7152 * g + 0.0722 * b) - 16;
}

test("the colour scale gets lighter in equal steps", () => {
  const steps = Array.from({ length: 10 }, (_, i) => lightness(heatColour((i + 1) / 10)) - lightness(heatColour(i / 10)));
  for (const step of steps.slice(1)) expect(step).toBeGreaterThan(8);
  for (const step of steps.slice(1)) expect(step).toBeLessThan(12);
});

test("a cold place keeps its colour, a hot one gets the scale's, and others are in between", () => {
  const photo = { width: 4, height: 1, data: new Uint8Array(12).fill(100) };
  const { data } = overlay(photo, { rows: 1, columns: 2, values: Float32Array.of(0, 1) });
  expect(Array.from(data.subarray(0, 3))).toEqual([100, 100, 100]);
  expect(Array.from(data.subarray(9))).toEqual([252, 255, 164].map((value) => Math.round(100 * 0.35 + value * 0.65)));
  expect(photo.data.every((value) => value === 100)).toBe(true);
});

test("heat is divided by its largest value; a map without heat stays cold", () => {
  expect(Array.from(normalizedHeat({ rows: 1, columns: 2, values: Float32Array.of(2, 8) }).values)).toEqual([0.25, 1]);
  expect(Array.from(normalizedHeat({ rows: 1, columns: 2, values: Float32Array.of(0, 0) }).values)).toEqual([0, 0]);
});
