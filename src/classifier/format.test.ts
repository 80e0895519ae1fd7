// The descriptions of models that older versions of thaw wrote, and what a newer one may write.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parseDescription } from "./format.ts";

/** A model.json as the version of thaw with that format wrote it. */
async function descriptionOf(version: number): Promise<object> {
  return JSON.parse(await readFile(new URL(`../../test/classifier/versions/${version}.json`, import.meta.url), "utf8"));
}

test("an older version with a newer version's fields is refused", async () => {
  const file = await descriptionOf(1);
  const parse = (changes: object) => () => parseDescription(Buffer.from(JSON.stringify({ ...file, ...changes })), "model.json");
  expect(parse({})).not.toThrow();
  expect(parse({ target: { kind: "multi", threshold: 0.5 } })).toThrow("model.json is not a model of this version of thaw: target: ");
  expect(parse({ calibration: { temperature: 2 } })).toThrow("model.json is not a model of this version of thaw: calibration: ");
});

test("a newer version is refused with what to do", async () => {
  const file = { ...(await descriptionOf(2)), version: 5, more: [] };
  const newer = () => parseDescription(Buffer.from(JSON.stringify(file)), "model.json");
  expect(newer).toThrow("model.json was made by a newer thaw: its format is version 5, and this thaw reads up to version 4");
  expect(newer).toThrow(expect.objectContaining({ hint: "Update thaw: npm install thaw@latest." }));
});

test("thaw_small of an older version is the first edition", async () => {
  const file = { ...(await descriptionOf(3)), architecture: "thaw_small" };
  const parsed = (changes: object) => parseDescription(Buffer.from(JSON.stringify({ ...file, ...changes })), "model.json").architecture;
  expect([parsed({}), parsed({ version: 4 })]).toEqual(["thaw_small_first", "thaw_small"]);
});
