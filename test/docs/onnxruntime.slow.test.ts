// The example that runs an exported model without thaw.

import { spawnSync } from "node:child_process";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { ConvLearner, drawSample, ImageClassifierData, loadClassifier, tfmsFromModel, thawSmall } from "../../src/index.ts";
import { thaw } from "../cli/command.ts";
import { folderWithThaw } from "./run-page.ts";

test("onnxruntime-node alone answers as thaw does, with the classes from the JSON file", { timeout: 120_000 }, async () => {
  const folder = await folderWithThaw(["onnxruntime-node", "onnxruntime-common", "sharp"]);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await rm(join(folder, "node_modules/thaw"));
  await drawSample({ folder: join(folder, "pets"), count: 6 });
  const data = await ImageClassifierData.fromPaths(join(folder, "pets"), { tfms: tfmsFromModel(thawSmall, 48), bs: 4 });
  const learn = await ConvLearner.pretrained(thawSmall, data, { precompute: true });
  const model = join(folder, "photos-model");
  await learn.save(model);
  await learn.dispose();
  expect(thaw("export", model)).toMatchObject({ status: 0 });
  await copyFile(fileURLToPath(new URL("../../examples/onnxruntime.mjs", import.meta.url)), join(folder, "onnxruntime.mjs"));

  const picture = join(folder, "pets/valid/dogs/dog-0001.jpg");
  const { stdout, stderr } = spawnSync(process.execPath, ["onnxruntime.mjs", model, picture], { cwd: folder, encoding: "utf8" });
  expect(stderr).toBe("");
  const answers = JSON.parse(stdout) as { class: string; probability: number }[];
  const classifier = await loadClassifier(model);
  const expected = await classifier.predict(picture);
  await classifier.dispose();
  expect(answers.map((each) => each.class)).toEqual(expected.map((each) => each.class));
  // Two decoders of JPEG.
  expect(answers[0]?.probability).toBeCloseTo(expected[0]?.probability as number, 1);
});
