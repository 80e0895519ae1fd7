// Run by memory.test.ts in a process of its own: goes through the photographs in the folder that is named, again and again. Prints the
// resident size in bytes after 2 and after 14 rounds, and the bytes of one round's decoded pixels, as JSON.

import { readdirSync } from "node:fs";
import { loadBatches } from "../../dist/data/load/loader.js";

const [, , folder, width, height] = process.argv;
const items = readdirSync(folder).map((name) => ({ file: `${folder}/${name}`, name, label: 0 }));
const spec = { size: 32, crop: "center", pad: 0, augment: [] };
const sizes = [];
for (let epoch = 1; epoch <= 14; epoch++) {
  const order = [...items.keys()];
  for await (const { failed } of loadBatches({ items, spec, batchSize: 8, order, seed: 1, epoch }))
    if (failed.length > 0) throw new Error(failed[0].error);
  globalThis.gc();
  if (epoch === 2 || epoch === 14) sizes.push(process.memoryUsage().rss);
}
process.stdout.write(JSON.stringify([...sizes, items.length * Number(width) * Number(height) * 3]));
