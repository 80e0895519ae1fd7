// The thaw side of one row of bench/data: decodes and transforms the photographs in a worker thread, as the loaders do. Runs the built package.
// Protocol (bench/engine/side.mjs): prints "ready" once warm; each line "round" is answered with the round's milliseconds of processor time.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { decoder } from "#decode";
import { randomStream } from "../../dist/core/random.js";
import { applyTransform } from "../../dist/data/augment/apply.js";
import { drawAugmentation } from "../../dist/data/augment/draw.js";
import { transformsSideOn } from "../../dist/data/augment/presets.js";
import { tfmsFromModel } from "../../dist/data/augment/transforms.js";

const tfms = tfmsFromModel({ mean: [0, 0, 0], std: [1, 1, 1] }, 224, { augTfms: transformsSideOn, maxZoom: 1.1 });
const works = {
  decode: (image) => image,
  resize: (image) => apply(image, tfms.valid, 0),
  augment: (image, key) => apply(image, tfms.train, key),
};

function apply(image, spec, key) {
  return applyTransform(image, spec, drawAugmentation(spec, image.width, image.height, randomStream(42, "augment", key)));
}

if (isMainThread) {
  const [row, ...files] = process.argv.slice(2);
  const worker = new Worker(new URL(import.meta.url), { workerData: { row, files } });
  const answer = () => new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  console.log(`ready ${JSON.stringify(await answer())}`);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== "round") break;
    worker.postMessage("round");
    console.log(await answer());
  }
  process.exit(0);
} else {
  const work = works[workerData.row];
  const photographs = workerData.files.map((file) => readFileSync(file));
  let round = 0;
  const run = async () => {
    round++;
    for (const [index, bytes] of photographs.entries()) {
      work(await decoder.decode(bytes), round * photographs.length + index);
      // As between two tasks of a worker: what the decoder held is let go.
      await new Promise(setImmediate);
    }
  };
  await run();
  await run();
  parentPort.on("message", async () => {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    parentPort.postMessage((user + system) / 1000);
  });
  parentPort.postMessage({ node: process.version });
}
