// Run by many-rows.slow.test.ts in a process of its own: a cache of many images, of which all but the last thousand are there. Computes these,
// reads 50,000 rows in random order with memory for 8 MiB of chunks, and prints by how many bytes memory grew meanwhile, resident and in use, as JSON.
// Arguments: the cache folder, the number of images and that of the elements of a row.

import { randomStream } from "../../dist/core/random.js";
import { diskStore } from "../../dist/core/store/disk.node.js";
import { closePool } from "../../dist/data/load/loader.js";
import { attributesOf, entryPrefix, keyOf } from "../../dist/learner/frozen/cache/entry.js";
import { MemoryBudget } from "../../dist/learner/frozen/cache/memory-budget.js";
import { openActivations } from "../../dist/learner/frozen/cache/open.js";
import { openActivationStore } from "../../dist/learner/frozen/cache/store.js";

const folder = process.argv[2];
const [COUNT, SIZE] = process.argv.slice(3).map(Number);
const image = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };
const items = Array.from({ length: COUNT }, (_, i) => ({
  file: `${i}`,
  name: `train/${i}.png`,
  label: 0,
  width: 1,
  height: 1,
  hash: i.toString(16).padStart(64, "0"),
  image,
}));
const spec = { size: 1, crop: "none", pad: 0, augment: [] };
const metadata = { data: "/photos", part: "train", network: "made up", group: 1, stage: "a", precision: "fp32", mean: [0], std: [1] };
const frozen = {
  key: "made up",
  itemShape: [SIZE],
  run: async ({ shape: [batch] }) => ({ type: "float32", shape: [batch, SIZE], data: new Float32Array(batch * SIZE).fill(0.5) }),
};

const cache = diskStore(folder);
const prefix = entryPrefix(keyOf({ items, spec }, frozen.key));
const store = await openActivationStore(cache, prefix, COUNT, [SIZE], attributesOf({ items, spec }, metadata));
const there = Math.floor((COUNT - 1000) / store.chunkRows);
const values = new Float32Array(store.chunkRows * SIZE).fill(0.5);
for (let chunk = 0; chunk < there; chunk += 4)
  await Promise.all(Array.from({ length: Math.min(4, there - chunk) }, (_, i) => store.write(chunk + i, values)));

// The threads that decode take memory of their own.
await openActivations({ items: items.slice(0, 64), spec, frozen, cache, metadata, budget: new MemoryBudget(), task: "Warming up" });
const memory = () => {
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss, used: heapUsed + external };
};
const before = memory();
const growth = { resident: 0, used: 0 };
const measure = () => {
  const now = memory();
  for (const kind of ["resident", "used"]) growth[kind] = Math.max(growth[kind], now[kind] - before[kind]);
};
const options = { items, spec, frozen, cache, metadata, budget: new MemoryBudget(2 ** 23), task: "Computing", onProgress: measure };
const activations = await openActivations(options);
const random = randomStream("rows");
for (let batch = 0; batch < 782; batch++) {
  const { data } = await activations.rows(Array.from({ length: 64 }, () => random.integer(0, COUNT - 1)));
  if (data.some((value) => value !== 0.5)) throw new Error(`A row of batch ${batch} is wrong`);
  if (batch % 20 === 0) measure();
}
process.stdout.write(JSON.stringify({ ...growth, bytes: COUNT * SIZE * 4 }));
await closePool();
