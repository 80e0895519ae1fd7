import { expect, test } from "vitest";
import { palettes, paletteVariables } from "./palette.ts";

const linear = (hex: string): number[] =>
  [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
const luminance = ([r = 0, g = 0, b = 0]: number[]): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** WCAG 2.2's contrast ratio. */
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

// How colours look without red, green or blue cones (Machado, Oliveira and Fernandes 2009, severity 1).
const BLINDNESS = {
  none: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

/** A colour in CIELAB, seen through `matrix`. */
function seen(hex: string, matrix: readonly number[]): number[] {
  const rgb = linear(hex);
  const [r = 0, g = 0, b = 0] = [0, 1, 2].map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        rgb.reduce((sum, value, i) => sum + value * (matrix[row * 3 + i] as number), 0),
      ),
    ),
  );
  const f = (t: number): number => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

for (const theme of ["light", "dark"] as const) {
  const palette = palettes[theme];

  test(`on a ${theme} background text has a contrast of at least 4.5, lines and marks of at least 3`, () => {
    for (const colour of [palette.text, palette.quiet]) expect(contrast(colour, palette.ground)).toBeGreaterThan(4.5);
    expect(contrast(palette.onCell, palette.cell)).toBeGreaterThan(4.5);
    for (const colour of [...palette.series, palette.mark]) expect(contrast(colour, palette.ground)).toBeGreaterThan(3);
  });

  test(`the first three ${theme} lines are distinct to people without red, green or blue cones, all five to everyone else`, () => {
    for (const [kind, matrix] of Object.entries(BLINDNESS)) {
      const colours = palette.series.slice(0, kind === "none" ? 5 : 3).map((colour) => seen(colour, matrix));
      for (const [i, a] of colours.entries())
        for (const b of colours.slice(i + 1)) expect(Math.hypot(...a.map((value, k) => value - b[k]!)), `${kind} ${i}`).toBeGreaterThan(12);
    }
  });
}

test("a page gets every colour as a variable", () => {
  expect(paletteVariables("dark")).toContain("--ground:#14181d;--text:#e8ecf0;");
  for (const name of Object.values(palettes.page)
    .flat()
    .filter((colour) => colour !== "none"))
    expect(paletteVariables("light")).toContain(`${name.slice(4, -1)}:#`);
});
