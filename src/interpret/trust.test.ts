import { expect, test } from "vitest";
import { type Trust, trustInWords } from "./trust.ts";

const calibration: Trust = { temperature: 0.8123, calibrationError: [0.0312, 0.0114] };
const sentence = "Confidence and accuracy differ by 1.1 points on average, and by 3.1 points before the temperature of 0.81.";

test.each([
  [{}, ""],
  [
    { known: { keep: 0.95, kept: 0.942, newClass: 0.61 } },
    ' Photographs that are unlike its classes are answered with "none"; 94 % of known ones keep their answer, and 61 % of the photographs of classes that were left out in turn got "none".',
  ],
  [
    { known: { keep: 0.95, kept: 0.942, newClass: 0.1 } },
    ' Photographs that are unlike its classes are answered with "none"; 94 % of known ones keep their answer. It cannot tell a class that it does not know but that resembles the known ones: 10 % of the photographs of classes that were left out in turn got "none".',
  ],
  [
    { known: { keep: 0.95, kept: 0.942, newClass: 0.35 } },
    ' Photographs that are unlike its classes are answered with "none"; 94 % of known ones keep their answer. Do not rely on "none" for what resembles the classes: only 35 % of the photographs of classes that were left out in turn got it.',
  ],
  [
    { known: { keep: 0.95, kept: 0.942, newClass: null } },
    ' Photographs that are unlike its classes are answered with "none"; 94 % of known ones keep their answer.',
  ],
  [
    { unfitted: "there are fewer than 20 validation images" },
    " The model names a class for every photograph: there are fewer than 20 validation images.",
  ],
])("%o says what is kept and what is told apart", (known, words) => {
  expect(trustInWords({ ...calibration, ...known }).join(" ")).toBe(sentence + words);
});

test("a temperature that gains nothing is not praised", () => {
  expect(trustInWords({ temperature: 1.9, calibrationError: [0.001, 0.007] })).toEqual([
    "Confidence and accuracy differ by 0.7 points on average.",
  ]);
});
