// The contact sheet: its code runs, and the same seed draws it again.

import sharp from "sharp";
import { expect, test } from "vitest";
import * as data from "../../data/index.ts";
import { contactSheet } from "./sheet.ts";
import { sheetGroups } from "./sheet-rows.ts";

const photo: data.RgbImage = { width: 60, height: 40, data: Uint8Array.from({ length: 7200 }, (_, i) => (i * 7) % 251) };
const rows = sheetGroups(32).flatMap((group) => group.rows);

test("every function of the data layer that makes an augmentation or a preset has a row with its name", () => {
  const makers = Object.keys(data).filter((name) =>
    /^(random[A-Z]|randAugment|trivialAugment|cutout|addPadding|transforms[BST]|augTransforms)/.test(name),
  );
  expect(makers.length).toBeGreaterThan(20);
  for (const name of makers) expect(rows.map((row) => row.name)).toContainEqual(expect.stringMatching(new RegExp(`^${name}\\b`)));
});

test("a name is what the row does: run as code, it gives the row's augmentations", () => {
  const single = rows.filter((row) => /^\w+\(.*\)$/.test(row.name) && !("length" in row.options) && !row.name.includes("), "));
  expect(single.length).toBeGreaterThan(15);
  for (const { name, options } of single) {
    const made = new Function(...Object.keys(data), `return ${name}`)(...Object.values(data)) as data.AugmentSpec;
    const wanted = "augTfms" in options ? options.augTfms : undefined;
    // The sheet applies always what has a probability.
    const certain = (augment: object) => ("p" in augment ? { ...augment, p: 1 } : augment);
    expect([made].flat().map(certain)).toEqual(wanted?.map(certain));
  }
});

test("the sheet has a row for each, of as many pictures as requested, and the same seed repeats it", async () => {
  const sheet = await contactSheet(photo, { size: 32, seed: 1, columns: 4 });
  expect(sheet.names).toEqual(rows.map(({ name }) => name));
  const { width, height, format } = await sharp(sheet.png).metadata();
  expect({ width, height, format }).toEqual({ width: sheet.width, height: sheet.height, format: "png" });
  expect(height).toBeGreaterThan(rows.length * 32);
  expect((await contactSheet(photo, { size: 32, seed: 1, columns: 4 })).png).toEqual(sheet.png);
  expect((await contactSheet(photo, { size: 32, seed: 2, columns: 4 })).png).not.toEqual(sheet.png);
});
