// Run by memory.slow.test.ts in a process of its own: checks the photograph that is named as if it were many. Prints by how many bytes that made
// the process larger at its largest.

import { scanItems } from "../../dist/data/load/scan.js";

const [, , file, count] = process.argv;
const items = Array.from({ length: Number(count) }, (_, i) => ({ file, name: `${i}.jpg`, label: 0 }));
// Threads and libraries are there afterwards.
await scanItems(items.slice(0, 16));
const before = process.memoryUsage().rss;
await scanItems(items);
process.stdout.write(`${process.resourceUsage().maxRSS * 1024 - before}`);
