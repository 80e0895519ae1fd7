// One row of the growth table in a process of its own: the folder is read, then the activations of all images are computed, then the head
// is trained on them for an epoch. Prints {"read", "cache", "epoch" (seconds), "count" (images, validation's too), "peak" (bytes)} as JSON.

import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConvLearner, ImageClassifierData, tfmsFromModel, thawSmall } from "../../dist/index.js";

const { values } = parseArgs({
  options: { pictures: { type: "string" }, images: { type: "string" }, classes: { type: "string" }, size: { type: "string" } },
});
const [images, classes, size] = [values.images, values.classes, values.size].map(Number);
const pictures = values.pictures.split(",");
const root = await mkdtemp(join(tmpdir(), "thaw-growth-"));
// Not the root: activations are kept beside the folder of the images, and are to be deleted with it.
const folder = join(root, "images");
try {
  await writeImages();
  const begin = performance.now();
  const data = await ImageClassifierData.fromPaths(folder, { tfms: tfmsFromModel(thawSmall, size), cache: join(root, "cache") });
  const read = (performance.now() - begin) / 1000;
  const learn = await ConvLearner.pretrained(thawSmall, data, { precompute: true, precision: "fp32" });
  const start = performance.now();
  await learn.fit(0, 1);
  const first = performance.now();
  await learn.fit(0, 1);
  const second = performance.now();
  const epoch = (second - first) / 1000;
  const cache = (first - start) / 1000 - epoch;
  console.log(JSON.stringify({ read, cache, epoch, count: images + classes, peak: process.resourceUsage().maxRSS * 1024 }));
} finally {
  await rm(root, { recursive: true });
}
process.exit(0);

/** `images` to train on and one for each class to validate on. Each file differs, after the end of its picture, from all others. */
async function writeImages() {
  const bytes = await Promise.all(pictures.map((file) => readFile(file)));
  for (let label = 0; label < classes; label++) {
    for (const part of ["train", "valid"]) await mkdir(join(folder, part, `class-${label}`), { recursive: true });
    await copyFile(pictures[label % pictures.length], join(folder, "valid", `class-${label}`, "0.jpg"));
  }
  for (let image = 0; image < images; image++) {
    const file = join(folder, "train", `class-${image % classes}`, `${image}.jpg`);
    await writeFile(file, Buffer.concat([bytes[image % bytes.length], Buffer.from(`\n${image}`)]));
  }
}
