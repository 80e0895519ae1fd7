// Run by memory.slow.test.ts in a process of its own: checks the photograph that is named as if it were many. Prints by how many bytes that made
// the process larger at its largest, as seen after each photograph: the system's own maximum counts the process that started this one.

import { scanItems } from "../../dist/data/load/scan.js";

const [, , file, count] = process.argv;
const items = Array.from({ length: Number(count) }, (_, i) => ({ file, name: `${i}.jpg`, label: 0 }));
// Threads and libraries are there afterwards.
await scanItems(items.slice(0, 16));
const before = process.memoryUsage.rss();
let most = before;
const onProgress = () => {
  most = Math.max(most, process.memoryUsage.rss());
};
await scanItems(items, { onProgress });
process.stdout.write(`${most - before}`);
