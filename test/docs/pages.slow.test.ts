// The front page, the page on labels and the one on gradients: the JavaScript of each, put together, is one program.

import { expect, test } from "vitest";
import { runPage } from "./run-page.ts";

test("the front page's lines train, save and predict", async () => {
  const smaller = [
    ["mobileNetV2, tfmsFromModel", "thawSmall as mobileNetV2, tfmsFromModel"],
    ["tfmsFromModel(mobileNetV2, 224)", "tfmsFromModel(mobileNetV2, 48)"],
    ['"dog.jpg"', '"photos/valid/dogs/dog-0001.jpg"'],
    ["// { class, probability }", "console.log(best.class, best.probability);"],
  ] as const;
  const { stdout, files } = await runPage("README.md", { data: "photos", count: 10, smaller });
  expect(stdout).toMatch(/^(cats|dogs) [01][\d.]*$/m);
  expect(files).toContain("photos-model");
}, 120_000);

test("the page on labels reads them from names and from a table of numbers", async () => {
  const smaller = [["const size = 160;", "const size = 48;"]] as const;
  const { stdout } = await runPage("docs/labels.md", { data: "pets", count: 10, smaller });
  expect(stdout).toMatch(/^classes cat,dog$/m);
  expect(stdout).toMatch(/^age -?[\d.]+$/m);
}, 120_000);

test("the page on gradients computes one", async () => {
  const { stdout } = await runPage("docs/gradients.md", { data: "pets", count: 1, smaller: [] });
  // The mean of 8 × 3 sums of four ones is 4; each weight moves it by 8 of the 24.
  const third = Math.fround(8 / 24);
  expect(stdout).toMatch(new RegExp(`^\\d+ bytes, loss 4, gradient ${Array(12).fill(String(third).slice(0, 8)).join("\\d*,")}\\d*$`, "m"));
}, 60_000);
