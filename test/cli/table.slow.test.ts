// `thaw train --csv` as a person runs it: numbers from a table, what predicting then prints, and what mistakes are told.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { thaw } from "./command.ts";

const root = mkdtempSync(join(tmpdir(), "thaw-table-"));
const photos = join(root, "photos");
const model = join(root, "model");
afterAll(() => rmSync(root, { recursive: true }));

beforeAll(async () => {
  mkdirSync(photos);
  const rows = ["image,grey,tags"];
  for (let i = 0; i < 20; i++) {
    const grey = 10 + 12 * i;
    await sharp({ create: { width: 40, height: 30, channels: 3, background: { r: grey, g: grey, b: 255 - grey } } })
      .png()
      .toFile(join(photos, `${i}.png`));
    rows.push(`${i},${grey},${i < 10 ? "dark" : "light"}`);
  }
  writeFileSync(join(photos, "labels.csv"), `${rows.join("\n")}\n`);
});

test("numbers of a column are learnt and predicted, as JSON and as a table", { timeout: 240_000 }, () => {
  const table = ["--csv", "labels.csv", "--suffix", ".png", "--continuous", "--label-column", "grey"];
  const run = thaw("train", photos, ...table, "--size", "32", "--bs", "8", "--out", model, "--json");
  expect(run).toMatchObject({ status: 0 });
  const events = run.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events[0]).toEqual({ event: "data", kind: "continuous", classes: ["grey"], train: 16, valid: 4, leftOut: 0 });
  const done = events.at(-1);
  expect(Object.keys(done)).toEqual(["event", "metrics", "ttaMetrics", "stages", "model", "report"]);
  expect(Object.keys(done.metrics)).toEqual(["rmse", "mae", "r2"]);

  const json = JSON.parse(thaw("predict", model, join(photos, "3.png"), "--json").stdout);
  expect(json).toEqual({ file: join(photos, "3.png"), values: { grey: expect.any(Number) } });
  const lines = thaw("predict", model, join(photos, "3.png")).stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^file +grey$/);
  const [file, grey] = (lines[1] as string).split(/ {2,}/);
  expect(file).toBe(join(photos, "3.png"));
  // As many digits as the deviation of the greys in training is worth.
  expect(Number(grey)).toBeCloseTo(json.values.grey, 1);
  expect(grey).toMatch(/^\d+(\.\d{1,3})?$/);
});

test.each([
  ["a missing suffix", ["--csv", "labels.csv", "--label-column", "tags"], 'hint: There is "0.png": is the suffix ".png" missing?'],
  [
    "numbers for classes",
    ["--csv", "labels.csv", "--suffix", ".png"],
    "hint: To predict numbers, say that they are continuous (continuous: true, --continuous).",
  ],
  ["an unknown column", ["--csv", "labels.csv", "--label-column", "age"], 'error: labels.csv has no column "age"'],
  ["a table that is not there", ["--csv", "none.csv"], "none.csv does not exist"],
  ["how to read a table without one", ["--continuous"], "hint: Name the table with --csv."],
])("%s is told, with exit code 2", (_, flags, message) => {
  const run = thaw("train", photos, ...flags, "--out", join(root, "other"));
  expect(run.status).toBe(2);
  expect(run.stderr).toContain(message);
});
