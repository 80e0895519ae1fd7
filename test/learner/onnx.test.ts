// An ONNX classifier through the whole of the learner: frozen, unfrozen, augmented at test time, saved, loaded, and what is refused.

import { copyFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import {
  ConvLearner,
  ImageClassifierData,
  inspectOnnx,
  loadClassifier,
  readOnnx,
  resnet18,
  tfmsFromModel,
  transformsSideOn,
  type Warning,
} from "../../src/index.ts";
import { ONNX_SIZE, onnxPath } from "../fixtures/onnx-models.ts";
import { makePictures, temporaryFolder } from "./tiny.ts";

let pictures: string;
let folder: string;

beforeAll(async () => {
  pictures = await makePictures(24, 8);
  folder = await temporaryFolder();
});

async function dataAt(size: number): Promise<ImageClassifierData> {
  const tfms = tfmsFromModel(resnet18, size, { augTfms: transformsSideOn });
  return ImageClassifierData.fromPaths(pictures, { tfms, bs: 8, seed: 3, cache: folder });
}

test("a network with batch norm learns frozen and unfrozen, and the saved model gives its predictions without the file", async () => {
  const data = await dataAt(ONNX_SIZE);
  const file = join(folder, "mine.onnx");
  await copyFile(onnxPath("convolutions.legacy13.norms.onnx"), file);
  const learn = await ConvLearner.fromOnnx(file, data, { precompute: true, cache: folder, xtraFc: [] });
  const [first] = await learn.fit(0.05, 1);
  const before = learn.parameters;
  learn.unfreeze();
  const epochs = await learn.fit([1e-3, 1e-2, 3e-2], 2);
  expect(epochs.at(-1)?.validLoss).toBeLessThan(first?.validLoss as number);
  const changed = [...before].filter(([name, value]) => learn.parameters.get(name)?.data.join() !== value.data.join());
  expect(changed.map(([name]) => name)).toEqual(
    expect.arrayContaining(["body.stem.0.weight", "body.stem.1.weight", "body.stem.1.running_mean"]),
  );
  expect((await learn.tta(1)).accuracy).toBeGreaterThan(0.5);

  const { probabilities, files } = await learn.predict();
  const model = join(folder, "model");
  await learn.save(model);
  await learn.dispose();
  await writeFile(file, "gone");
  const loaded = await loadClassifier(model);
  const [best] = await loaded.predict(join(pictures, "valid", "blue", "0.png"));
  await loaded.dispose();
  const row = files.findIndex((name) => name.endsWith(join("blue", "0.png")));
  const expected = Math.max(...probabilities.slice(row * 2, row * 2 + 2));
  expect(best?.probability).toBeCloseTo(expected, 5);
});

test("a saved network that was changed is refused", async () => {
  const data = await dataAt(ONNX_SIZE);
  const learn = await ConvLearner.fromOnnx(onnxPath("transformer.dynamo18.onnx"), data, { cache: folder });
  const model = join(folder, "changed");
  await learn.save(model);
  const network = join(model, "network.onnx");
  const bytes = await readFile(network);
  await writeFile(network, bytes.with(bytes.length - 1, 1));
  await expect(loadClassifier(model)).rejects.toThrow(`${network} does not belong to ${join(model, "model.json")}: its SHA-256 differs`);
  await writeFile(network, bytes);
  await (await loadClassifier(model)).dispose();
});

test("the file's say is warned of: normalisation, folded batch norm", async () => {
  const warnings: Warning[] = [];
  const data = await dataAt(ONNX_SIZE);
  const onWarning = (warning: Warning): void => void warnings.push(warning);
  await ConvLearner.fromOnnx(onnxPath("convolutions.dynamo18.onnx"), data, { cache: folder, onWarning });
  expect(warnings.map(({ message }) => message)).toEqual([
    "convolutions.dynamo18.onnx has no batch norm: if its network had any, the exporter folded it into the convolutions",
    "convolutions.dynamo18.onnx does not say how its images were normalised; the data's mean [0.485,0.456,0.406] and deviation [0.229,0.224,0.225] are taken",
  ]);
  const mean = [0.5, 0.5, 0.5] as const;
  await expect(ConvLearner.fromOnnx(onnxPath("convolutions.dynamo18.onnx"), data, { mean })).rejects.toThrow(
    'Expected the data\'s [0.485,0.456,0.406] for mean but received "[0.5,0.5,0.5]"',
  );
  expect(await readOnnx(onnxPath("convolutions.dynamo18.onnx"), { mean, std: mean })).toMatchObject({ mean, std: mean, size: ONNX_SIZE });
});

test("convolutions take other sizes than the file's, a transformer says that it does not", async () => {
  const data = await dataAt(48);
  const learn = await ConvLearner.fromOnnx(onnxPath("convolutions.dynamo18.onnx"), data, { cache: folder });
  expect((await learn.predict()).accuracy).toBeGreaterThanOrEqual(0);
  await learn.dispose();
  await expect(ConvLearner.fromOnnx(onnxPath("transformer.dynamo18.onnx"), data, { cache: folder })).rejects.toThrow(
    "transformer.dynamo18.onnx does not take images of 48 pixels",
  );
});

test("the network is cut and split where the user says, and only where a single value crosses the cut", async () => {
  const file = onnxPath("convolutions.legacy13.norms.onnx");
  const { cuts, cut, split } = await inspectOnnx(file);
  expect(cuts.map(({ name }) => name)).toContain(cut);
  const [first, second] = cuts.map(({ name }) => name) as [string, string];
  const network = await readOnnx(file, { cut: split, split: first });
  expect(network).toMatchObject({ features: 8, stored: { split: first } });
  expect(network.body.filter(({ group }) => group === 0).map(({ name }) => name)).toEqual([first]);
  expect(network.body[1]?.name).toBe(second);
  await expect(readOnnx(file, { cut: "/Mul_output_0" })).rejects.toThrow(
    /convolutions.legacy13.norms.onnx: The network cannot be cut at "\/Mul_output_0": (another value bypasses|other values bypass) it/,
  );
  await expect(readOnnx(file, { cut: "nowhere" })).rejects.toThrow(
    'Expected the name of a node or value that depends on the image for cut but received "nowhere"',
  );
});

test("what has no gradient is named at load, and what comes after it trains, also from a saved model", async () => {
  const file = onnxPath("frozen.onnx");
  const warnings: string[] = [];
  const data = await dataAt(ONNX_SIZE);
  const learn = await ConvLearner.fromOnnx(file, data, { cache: folder, onWarning: ({ message }) => warnings.push(message) });
  const reason = 'Operator LRN (node "response") has no gradient rule, so the layers before it cannot be trained';
  expect(warnings).toContain(`The first layer group of frozen.onnx can only be frozen: ${reason}`);
  expect(() => learn.freezeTo(0)).toThrow(`Layer group 0 of frozen.onnx can only be frozen: ${reason}`);
  learn.unfreeze();
  expect(learn.trained).toEqual([1, 2]);
  await learn.fit(1e-3, 1);
  const model = join(folder, "frozen");
  await learn.save(model);
  await learn.dispose();

  const loaded = await ConvLearner.load(model, data);
  expect(() => loaded.freezeTo(0)).toThrow(`Layer group 0 of frozen.onnx can only be frozen: ${reason}`);
  loaded.unfreeze();
  expect(loaded.trained).toEqual([1, 2]);
  await loaded.fit(1e-3, 1);
  await loaded.dispose();
});

test("a data file is read only from the model's folder", async () => {
  const original = onnxPath("convolutions.beside.onnx");
  const bytes = (await readFile(original)).toString("latin1");
  const named = async (place: string, location: string): Promise<string> => {
    const file = join(folder, place, "model.onnx");
    await mkdir(join(folder, place), { recursive: true });
    // The name keeps its length, which the protobuf counts.
    await writeFile(file, Buffer.from(bytes.replaceAll("convolutions.beside.data", location), "latin1"));
    return file;
  };
  const beside = await named("beside", "convolutions.beside.data");
  await expect(readOnnx(beside)).rejects.toThrow(`${beside} needs the file "convolutions.beside.data" beside it, which does not exist`);
  await copyFile(onnxPath("convolutions.beside.data"), join(folder, "beside", "convolutions.beside.data"));
  expect((await readOnnx(beside)).features).toBe(12);

  const up = await named("up", "../ions.beside.data.data");
  await expect(readOnnx(up)).rejects.toThrow('"../ions.beside.data.data", which is not in its folder');
  const absolute = await named("absolute", "/etc/hosts".padEnd(24, "x"));
  await expect(readOnnx(absolute)).rejects.toThrow("which is not in its folder");
  const linked = await named("linked", "convolutions.beside.data");
  await symlink(onnxPath("convolutions.beside.data"), join(folder, "linked", "convolutions.beside.data"));
  await expect(readOnnx(linked)).rejects.toThrow('"convolutions.beside.data", a link that leads out of its folder');
  const short = await named("short", "convolutions.beside.data");
  await writeFile(join(folder, "short", "convolutions.beside.data"), "short");
  await expect(readOnnx(short)).rejects.toThrow('refers to bytes beyond the end of "convolutions.beside.data"');
});
