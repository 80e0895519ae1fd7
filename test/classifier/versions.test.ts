// Models that older versions of thaw wrote load and predict as they did there; what a newer one wrote is refused with what to do.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MODEL_FILE, parseModel, WEIGHTS_FILE } from "../../src/classifier/format.ts";
import { loadClassifier } from "../../src/index.ts";
import { makeModel, picture } from "./models.ts";

/** A model.json as the version of thaw that knew no other wrote it. */
function descriptionOf(version: number): Promise<Buffer> {
  return readFile(join(import.meta.dirname, "versions", `${version}.json`));
}

// What the version's own thaw printed for the same picture.
const predicted = {
  1: [
    ["cats", 0.9996016621589661],
    ["dogs", 0.0003983631613664329],
  ],
  2: [
    ["beach", 0.9987142086029053],
    ["rain", 0.23637785017490387],
    ["sun", 0.015375776216387749],
  ],
} as const;

test.each([1, 2] as const)("a model of version %i loads and predicts what its own thaw predicted", async (version) => {
  const description = await descriptionOf(version);
  const { classes } = JSON.parse(description.toString());
  const folder = await makeModel({ classes, ...(version === 2 && { target: { kind: "multi", threshold: 0.4 } }) });
  const model = await loadClassifier({ [MODEL_FILE]: description, [WEIGHTS_FILE]: await readFile(join(folder, WEIGHTS_FILE)) });
  const result = await model.predict(await picture());
  await model.dispose();
  expect(result.map((each) => each.class)).toEqual(predicted[version].map(([name]) => name));
  expect(result.map(({ probability }) => probability)).toBeAllClose(
    predicted[version].map(([, probability]) => probability),
    1e-5,
  );
  expect(model.description).toMatchObject({ version: 3, classes, training: { seed: 7, accuracy: 0.75 } });
  expect(result.map(({ present }) => present)).toEqual(version === 2 ? [true, false, false] : [undefined, undefined]);
});

test("an older version with what it could not say is refused", async () => {
  const file = JSON.parse((await descriptionOf(1)).toString());
  const parse = (changes: object) => () => parseModel(Buffer.from(JSON.stringify({ ...file, ...changes })), "model.json");
  expect(parse({})).not.toThrow();
  expect(parse({ target: { kind: "multi", threshold: 0.5 } })).toThrow("model.json is not a model of this version of thaw: target: ");
  expect(parse({ calibration: { temperature: 2 } })).toThrow("model.json is not a model of this version of thaw: calibration: ");
});

test("a newer version is refused with what to do", async () => {
  const file = { ...JSON.parse((await descriptionOf(2)).toString()), version: 4, more: [] };
  const newer = () => parseModel(Buffer.from(JSON.stringify(file)), "model.json");
  expect(newer).toThrow("model.json was made by a newer thaw: its format is version 4, and this thaw reads up to version 3");
  expect(newer).toThrow(expect.objectContaining({ hint: "Update thaw: npm install thaw@latest." }));
});
