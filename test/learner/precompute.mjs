// Run by activation-processes.test.ts in a process of its own, which may be killed or have others beside it: the activations of made-up
// images, [16,384] each, in chunks of 64. Arguments: the cache folder, the number of images, and the batch before which it waits to be killed.
// Prints "run" before each batch, and in the end the SHA-256 of all rows and the number of images that were computed.

import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { hashJson } from "../../dist/core/hash.js";
import { diskStore } from "../../dist/core/store/disk.node.js";
import { closePool } from "../../dist/data/load/loader.js";
import { MemoryBudget } from "../../dist/learner/frozen/cache/memory-budget.js";
import { openActivations } from "../../dist/learner/frozen/cache/open.js";

const [folder, count, last] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const SIZE = 16_384;
const items = Array.from({ length: count }, (_, i) => {
  const image = { width: 1, height: 1, data: Uint8Array.of(i & 255, i >> 8, 0) };
  return { file: `${i}`, name: `train/${i}.png`, label: 0, width: 1, height: 1, hash: hashJson(i), image };
});
let [images, batches] = [0, 0];
const frozen = {
  key: "made up",
  itemShape: [SIZE],
  async run({ data, shape: [batch] }) {
    process.stdout.write("run\n");
    if (++batches === last) await setTimeout(60_000);
    images += batch;
    const rows = new Float32Array(batch * SIZE);
    for (let row = 0; row < batch; row++) rows.fill(data[row * 3] + 256 * data[row * 3 + 1] + 0.25, row * SIZE, (row + 1) * SIZE);
    return { type: "float32", shape: [batch, SIZE], data: rows };
  },
};
const activations = await openActivations({
  items,
  spec: { size: 1, crop: "none", pad: 0, augment: [] },
  frozen,
  cache: diskStore(folder),
  metadata: { data: "/photos", part: "train", network: "made up", group: 1, stage: "a", precision: "fp32", mean: [0], std: [1] },
  budget: new MemoryBudget(),
  task: "Computing",
});
const { data } = await activations.rows([...items.keys()]);
process.stdout.write(`${createHash("sha256").update(data).digest("hex")} ${images}\n`);
await closePool();
