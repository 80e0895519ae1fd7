// Run by memory.slow.test.ts in a process of its own: checks the photograph that is named as if it were many, and keeps pixels of that size of
// each if one is given. Prints by how many bytes that made the process larger at its largest, as seen after each photograph: the system's own
// maximum counts the process that started this one. Then how many of them are kept.

import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { PixelFile } from "../../dist/data/load/pixel-file.node.js";
import { scanItems } from "../../dist/data/load/scan.js";

const [, , file, count, size] = process.argv;
const jpeg = readFileSync(file);
// Bytes after its end make each another file.
const read = async (i) => Buffer.concat([jpeg, Buffer.from(`${i}`)]);
const items = Array.from({ length: Number(count) }, (_, i) => ({ file, name: `${i}.jpg`, label: 0, ...(size && { read: () => read(i) }) }));
const kept = new PixelFile(dirname(file));
const spec = { size: Number(size), crop: "center", pad: 0, augment: [] };
if (size) await kept.begin(spec);
// Threads and libraries are there afterwards.
await scanItems(items.slice(0, 16));
const before = process.memoryUsage.rss();
let most = before;
const onProgress = () => {
  most = Math.max(most, process.memoryUsage.rss());
};
const found = await scanItems(items, { kept, onProgress });
const grown = most - before;
let there = 0;
if (size) for (const { hash } of found) if (await kept.read(hash, spec, new Uint8Array(size * size * 3))) there++;
await kept.close();
process.stdout.write(JSON.stringify([grown, there]));
