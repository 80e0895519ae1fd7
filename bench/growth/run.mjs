// How thaw's cost grows with images, classes and size: node bench/growth/run.mjs [--images 1000,10000,100000] [--out folder] (after npm run
// build). Keeps each row in growth.json of the folder, bench/results unless another is given, goes on from there, and writes growth.md beside it.

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { drawSample } from "../../dist/sample/sample.node.js";

const { values } = parseArgs({
  options: {
    images: { type: "string", default: "1000,10000,100000" },
    out: { type: "string", default: fileURLToPath(new URL("../results", import.meta.url)) },
  },
});
const results = join(values.out, "growth");
const kept = existsSync(`${results}.json`) ? JSON.parse(readFileSync(`${results}.json`, "utf8")) : {};
const rows = [
  ...values.images.split(",").map((images) => ({ images: Number(images), classes: 2, size: 128 })),
  ...[2, 1000].map((classes) => ({ images: 2000, classes, size: 128 })),
  ...[128, 224, 384].map((size) => ({ images: 1000, classes: 2, size })),
];
const folder = mkdtempSync(join(tmpdir(), "thaw-growth-"));
try {
  await drawSample({ folder, count: 50 });
  const pictures = Array.from({ length: 50 }, (_, i) => join(folder, "train", "cats", `cat-${`${i + 1}`.padStart(4, "0")}.jpg`));
  for (const row of rows) {
    const key = JSON.stringify(row);
    if (kept[key]) continue;
    const worker = fileURLToPath(new URL("worker.mjs", import.meta.url));
    const options = Object.entries(row).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const { stdout } = await promisify(execFile)(process.execPath, [worker, "--pictures", pictures.join(), ...options]);
    kept[key] = JSON.parse(stdout);
    writeFileSync(`${results}.json`, `${JSON.stringify(kept, undefined, 2)}\n`);
    writeFileSync(`${results}.md`, table());
    console.error(key, stdout.trim());
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(table());

function table() {
  const lines = Object.entries(kept).map(([key, { read, cache, epoch, count, peak }]) => {
    const { images, classes, size } = JSON.parse(key);
    const seconds = [read, (1000 * read) / count, cache, (1000 * cache) / count, epoch].map((value) => value.toFixed(2));
    return `| ${[images, classes, size, ...seconds, (peak / 1e6).toFixed(0)].join(" | ")} |`;
  });
  return `# How cost grows

Machine: ${cpus()[0]?.model}, ${availableParallelism()} cores; node ${process.version}. Command: \`node bench/growth/run.mjs\`.

thaw_small on drawn pictures of cats, in full precision. The folder is read and each image checked,
then the activations of all images are computed (decoding included), then the head trains for one
epoch on them. Besides the training images there is one validation image for each class; ms per image
counts both. Peak memory is that of the whole process: it holds up to 64 MiB of activations, whatever
the number of images, and reads the others from the disk.

| images | classes | size | reading, s | ms per image | activations, s | ms per image | epoch of the head, s | peak memory, MB |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${lines.join("\n")}
`;
}
