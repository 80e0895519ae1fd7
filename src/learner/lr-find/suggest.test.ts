import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { lossSlopes, type SuggestionRule, suggestAll, suggestSlide, suggestSteep, suggestValley } from "./suggest.ts";

type Curve = { name: string; lrs: number[]; losses: number[] } & Record<SuggestionRule, number>;

const reference: { suggestions: Curve[] } = JSON.parse(
  await readFile(new URL("../../../test/reference/schedules.json", import.meta.url), "utf8"),
);
const lrs = Array.from({ length: 12 }, (_, i) => 10 ** (i / 2 - 5));
const rising = lrs.map((_, i) => i);

describe("every rule suggests what fastai 2 suggests", () => {
  test.each(reference.suggestions)("for $name", ({ lrs: rates, losses, valley, slide, minimum, steep }) => {
    const close = (value: number) => expect.closeTo(value, 10);
    expect(suggestAll(rates, losses)).toEqual({ valley: close(valley), slide: close(slide), minimum: close(minimum), steep: close(steep) });
  });
});

test("the valley is the middle of the longest fall", () => {
  // Falls strictly from index 2 to 10: nine points that end at 10, taken to begin at 1; a third is 3, so index 1 + 3 + 1.
  const losses = [1, 1.1, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 5];
  expect(suggestValley(lrs, losses)).toBe(lrs[4]);
});

test("a curve that never falls has no valley and no steepest descent", () => {
  expect(suggestValley(lrs, rising)).toBeUndefined();
  expect(suggestSteep(lrs, rising)).toBeUndefined();
});

test("an empty curve has no suggestion, one shorter than the interval no slide", () => {
  expect(suggestAll([], [])).toEqual({ valley: undefined, slide: undefined, minimum: undefined, steep: undefined });
  expect(suggestSlide(lrs, rising)).toBeUndefined();
});

test("the slopes are differences over the smoothing length", () => {
  expect(lossSlopes([1, 2, 3, 4], [8, 6, 2, 0], 2)).toEqual({ lrs: [3, 4], slopes: [-3, -3] });
});
