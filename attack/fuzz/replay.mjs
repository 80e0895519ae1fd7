// Feeds the parsers with hostile files and with what earlier attacks found: node replay.mjs <folders of models, separated by commas>
// Prints one line of JSON: how many, those that broke a parser, and the largest memory in bytes.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { hostileFor } from "./hostile.mjs";
import { isRefusal, targetsFor } from "./targets.mjs";

const found = fileURLToPath(new URL("found", import.meta.url));
const targets = targetsFor(process.argv[2].split(","));
const broken = [];
let count = 0;
for (const [target, { inputs }] of Object.entries(targets))
  for (const [name, bytes] of hostileFor(target, inputs)) await feed(target, name, bytes);
for (const file of existsSync(found) ? readdirSync(found) : []) {
  const [, target] = /^(.+)-[0-9a-f]{12}\.bin$/.exec(file) ?? [];
  if (target !== undefined) await feed(target, file, readFileSync(`${found}/${file}`));
}
process.stdout.write(JSON.stringify({ count, broken, memory: process.resourceUsage().maxRSS * 1024 }));

async function feed(target, name, bytes) {
  count++;
  const start = process.cpuUsage();
  let problem;
  try {
    await targets[target].parse(bytes);
  } catch (error) {
    if (!isRefusal(error))
      problem = String(error?.stack ?? error)
        .split("\n")
        .slice(0, 3)
        .join(" ");
  }
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  if (seconds > 10) problem ??= `it took ${seconds.toFixed(1)} s`;
  if (problem !== undefined) broken.push(`${target}, ${name}: ${problem}`);
}
