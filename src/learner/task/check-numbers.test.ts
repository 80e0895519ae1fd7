// Which columns of numbers can be learnt, and that a model with them can be saved.

import { expect, test } from "vitest";
import { checkContents, type ModelContents } from "../../classifier/format.ts";
import { scaleOf } from "../../classifier/targets.ts";
import { checkNumbers } from "./check-numbers.ts";

const contents: ModelContents = {
  architecture: "thaw_small",
  head: { hidden: [4], ps: [0.25, 0.5] },
  classes: ["n"],
  preprocessing: { size: 64, crop: "center", pad: 0, interpolation: "bilinear", antialias: true, mean: [0.5], std: [0.25] },
  training: {},
};
const scaleOfColumn = (column: readonly number[]) => scaleOf(column.map((value) => [value]));

test.each([
  ["times in seconds since 1970, over two years", Array.from({ length: 24 }, (_, i) => 1.7e9 + i * 2_592_000)],
  ["lengths in metres of a few nanometres", [1e-9, 2e-9, 5e-9]],
  ["a constant that is rounded", Array.from({ length: 9 }, () => 0.1)],
  ["a large constant", Array.from({ length: 9 }, () => 1.7e9)],
])("%s are learnt, and their model is saved", (_, column) => {
  const scale = scaleOfColumn(column);
  expect(() => checkNumbers(["n"], scale)).not.toThrow();
  expect(() => checkContents({ ...contents, target: { kind: "continuous", ...scale } })).not.toThrow();
});

test("numbers that single precision cannot tell apart are refused by the column's name, with the cure", () => {
  expect(() =>
    checkNumbers(
      ["a", "second"],
      scaleOf([
        [1, 1.7e9],
        [2, 1.7e9 + 60],
      ]),
    ),
  ).toThrow(
    expect.objectContaining({
      message: 'The numbers of "second" lie too close together for their size: their mean is 1.700000e+9, their deviation 30.0',
      hint: "Subtract a number near the mean from the whole column, and add it to the predictions.",
    }),
  );
});

test("what a model could not be saved with is refused as that, and not as a damaged file", () => {
  const scale = scaleOfColumn([0, 1e32]);
  expect(() => checkContents({ ...contents, target: { kind: "continuous", ...scale } })).toThrow(
    "A model of this data and network cannot be saved: target.mean.0: Invalid value",
  );
});
