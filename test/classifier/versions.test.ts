// Models that older versions of thaw wrote load, predict the same as there, can be trained further and are exported.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { ConvLearner, ImageClassifierData, loadClassifier, squeezeNet11, tfmsFromModel } from "../../src/index.ts";
import { thaw } from "../cli/command.ts";
import { contents, decoder, makeModel, picture, temporaryFolder } from "../fixtures/models.ts";

/** A model.json as the version of thaw with that format wrote it. */
function descriptionOf(version: number): Promise<Buffer> {
  return readFile(join(import.meta.dirname, "versions", `${version}.json`));
}

const VERSIONS = [1, 2, 3] as const;

// The output of that version's own thaw for the same picture.
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
  // The odds of version 1, to the power of a half.
  3: [
    ["cats", 0.9804277084277203],
    ["dogs", 0.019572291572279677],
  ],
} as const;

/** A folder as that version wrote it. */
async function folderOf(version: (typeof VERSIONS)[number]): Promise<string> {
  const description = await descriptionOf(version);
  const { classes } = JSON.parse(description.toString());
  const folder = await makeModel({ classes, ...(version === 2 && { target: { kind: "multi", threshold: 0.4 } }) });
  await writeFile(join(folder, "model.json"), description);
  return folder;
}

const [namesOf, probabilitiesOf] = [
  (version: (typeof VERSIONS)[number]) => predicted[version].map(([name]) => name),
  (version: (typeof VERSIONS)[number]) => predicted[version].map(([, probability]) => probability),
];

test.each(VERSIONS)("a model of version %i loads and predicts the same as its own thaw", async (version) => {
  const model = await loadClassifier(await folderOf(version));
  const result = await model.predict(await picture());
  await model.dispose();
  expect(result.map((each) => each.class)).toEqual(namesOf(version));
  expect(result.map(({ probability }) => probability)).toBeAllClose(probabilitiesOf(version), 1e-5);
  expect(model.description).toMatchObject({ version: 4, classes: namesOf(version), training: { seed: 7, accuracy: 0.75 } });
  expect(result.map(({ present }) => present)).toEqual({ 1: [undefined, undefined], 2: [true, false, false], 3: [true, false] }[version]);
});

test.each(VERSIONS)("a learner continues from a model of version %i, and saves it in the current one", async (version) => {
  const root = await temporaryFolder();
  const classes = namesOf(version);
  const images = await Promise.all(Array.from({ length: 6 }, async (_, i) => decoder.decode(await picture(i))));
  const [{ width, height }] = images as [(typeof images)[number]];
  const array = {
    type: "uint8",
    shape: [6, height, width, 3],
    data: new Uint8Array(Buffer.concat(images.map(({ data }) => data))),
  } as const;
  const labels = images.map((_, i) => classes[i % classes.length]!);
  const part = [array, version === 2 ? labels.map((label) => [label]) : labels] as const;
  const data = await ImageClassifierData.fromArrays(
    root,
    { trn: part, val: part },
    { tfms: tfmsFromModel(squeezeNet11, contents.preprocessing.size), bs: 3, multiLabel: version === 2 },
  );
  const learner = await ConvLearner.load(await folderOf(version), data);
  expect(learner.threshold).toBe(version === 2 ? 0.4 : 0.5);
  const { probabilities } = await learner.predict({ of: { image: await picture() } });
  // A calibration belongs to the weights as they were.
  expect(probabilities).toBeAllClose(probabilitiesOf(version === 3 ? 1 : version), 1e-5);
  await learner.fit(0.01, 1);
  await learner.save(join(root, "again"));
  const { probabilities: after } = await learner.predict({ of: { image: await picture() } });
  await learner.dispose();
  expect(after).not.toEqual(probabilities);
  const again = await loadClassifier(join(root, "again"));
  const result = await again.predict(await picture());
  await again.dispose();
  expect(classes.map((name) => result.find((each) => each.class === name)!.probability)).toBeAllClose(after, 1e-5);
  expect(JSON.parse(await readFile(join(root, "again", "model.json"), "utf8"))).toMatchObject({ version: 4, classes });
});

test.each(VERSIONS)("thaw info describes a model of version %i, and thaw export writes a model with the same answers", async (version) => {
  const folder = await folderOf(version);
  const info = thaw("info", folder);
  expect(info.status).toBe(0);
  expect(info.stdout).toMatch(new RegExp(`^classes +${namesOf(version).join(", ")}$`, "m"));
  expect(info.stdout).toContain(version === 2 ? "any number of labels, each from 40.0 % on\n" : "one class for each picture\n");
  expect(info.stdout).toMatch(new RegExp(`^format +version ${version}$`, "m"));
  expect(JSON.parse(thaw("info", folder, "--json").stdout)).toMatchObject({ version, classes: namesOf(version) });

  expect(thaw("export", folder)).toMatchObject({ status: 0, stderr: "" });
  const { width, height, data } = await decoder.decode(await picture());
  const session = await InferenceSession.create(await readFile(`${folder}.onnx`));
  const { probabilities } = await session.run({ pixels: new Tensor("uint8", data, [1, height, width, 3]) });
  await session.release();
  // Seeded weights barely separate pictures, so a difference of one level in one pixel of a thousand is visible.
  expect(probabilities?.data as Float32Array).toBeAllClose(probabilitiesOf(version), 0.02);
});
