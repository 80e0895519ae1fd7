// `thaw train --onnx`: a classifier in an ONNX file learns other classes and predicts, and files that cannot be read are named.

import { copyFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { onnxPath } from "../fixtures/onnx-models.ts";
import { makePictures } from "../learner/tiny.ts";
import { type Outcome, thaw } from "./command.ts";

let pictures: string;
let root: string;

beforeAll(async () => {
  pictures = await makePictures(12, 4);
  root = dirname(pictures);
});

const linesOf = ({ stdout }: Outcome) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("it trains, saves, and predicts without the file", { timeout: 60_000 }, async () => {
  const [file, model] = [join(root, "mine.onnx"), join(root, "model")];
  await copyFile(onnxPath("convolutions.legacy13.norms.onnx"), file);
  const run = thaw("train", pictures, "--onnx", file, "--out", model, "--epochs", "3,1,1", "--bs", "8", "--lr", "0.05", "--json");
  expect(run.status).toBe(0);
  const events = linesOf(run);
  expect(events).toContainEqual(expect.objectContaining({ message: expect.stringContaining("mine.onnx does not say how its images") }));
  const { accuracy, stages } = events.at(-1);
  expect(stages.map(({ name }: { name: string }) => name)).toEqual(["precompute", "augment", "unfreeze", "tta"]);
  await rm(file);
  const predicted = thaw("predict", model, join(pictures, "valid"), "--json");
  expect(predicted.status).toBe(0);
  const rows = linesOf(predicted);
  expect(rows).toHaveLength(8);
  const right = rows.filter((row) => dirname(row.file).endsWith(row.class));
  expect(right.length / rows.length).toBe(accuracy);
});

test("a file that cannot be read exits with 2 and is named", async () => {
  const damaged = join(root, "damaged.onnx");
  await writeFile(damaged, "no network");
  const missing = join(root, "missing.onnx");
  const out = ["--out", join(root, "refused")] as const;
  expect(thaw("train", pictures, "--onnx", missing, ...out)).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining(`Cannot read the ONNX file ${missing}`),
  });
  expect(thaw("train", pictures, "--onnx", damaged, ...out)).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining(`${damaged}: The file is not an ONNX model, or is cut off`),
  });
  expect(thaw("train", pictures, "--onnx", "model.pth", ...out)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Expected a file whose name ends in ".onnx" for --onnx but received "model.pth"'),
  });
  expect(thaw("train", pictures, "--onnx", missing, "--arch", "resnet18", ...out)).toMatchObject({ status: 2 });
});
