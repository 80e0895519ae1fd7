// The table of the default network beside the measurements that it is taken from.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rowOf } from "./candidates.ts";
import { MEASURED_SETS, measuredNetworks } from "./measured.ts";

const [, ...lines] = readFileSync(new URL("../../../bench/results/networks/avx2.csv", import.meta.url), "utf8")
  .trim()
  .split("\n");
const rows = lines.map((line) => {
  const [data = "", , , network = "", , accuracy, , seconds] = line.split(",");
  return { data, network, accuracy: Number(accuracy), seconds: Number(seconds) };
});
const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

test("all of them were measured on the same sets", () => {
  const sets = [...new Set(rows.map(({ data }) => data))].sort();
  expect(sets).toHaveLength(MEASURED_SETS);
  for (const measured of measuredNetworks) {
    const its = rows.filter(({ network }) => network === rowOf(measured).architecture);
    expect(its.map(({ data }) => data).sort(), measured.weights).toEqual(sets);
  }
});

test.each(measuredNetworks)("$weights has the means of its measurements", (measured) => {
  const its = rows.filter(({ network }) => network === rowOf(measured).architecture);
  expect(Math.abs(measured.accuracy - mean(its.map(({ accuracy }) => accuracy)))).toBeLessThanOrEqual(0.000501);
  expect(Math.abs(measured.seconds - mean(its.map(({ seconds }) => seconds)))).toBeLessThanOrEqual(0.501);
});

test("each has a row in the catalogue, on the hub or shipped", () => {
  for (const measured of measuredNetworks) expect(rowOf(measured), measured.weights).toMatchObject({ name: measured.weights });
});
