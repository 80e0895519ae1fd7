import { expect, test } from "vitest";
import { labelTargets } from "./targets.ts";

test("more labels than any data set has are refused, naming the row that has one too many", () => {
  const labels = (count: number) => Array.from({ length: count }, (_, i) => [`label ${i}`]);
  expect(labelTargets(labels(100_000)).classes).toHaveLength(100_000);
  expect(() => labelTargets(labels(200_000), { rowName: (row) => `line ${row + 1}` })).toThrow(
    "There are more than 100000 different labels up to line 100001",
  );
});
