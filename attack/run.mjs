// Attacks thaw and writes what became of it: npm run attack [-- names] [--minutes n] [--jobs n] [--quick] [--seed n] [--again] [--results file]
//
// Each attack is a list of numbered cases, the same for the same seed, of which --jobs are done at a time. What was done is kept in
// attack/results.json (or --results), from which the next call goes on, on this machine or another, and from which docs/attacks.md is
// written; --again starts anew. --quick does a few cases of each, keeps nothing, and is for CI. Exit codes: 0 no case failed, 1 some did.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { randomStream } from "../dist/core/random.js";
import { calls } from "./attacks/calls.mjs";
import { fuzzing } from "./attacks/fuzzing.mjs";
import { hostile } from "./attacks/hostile.mjs";
import { kills } from "./attacks/kills.mjs";
import { memory } from "./attacks/memory.mjs";
import { tests } from "./attacks/tests.mjs";
import { inOrder } from "./in-order.mjs";
import { page } from "./page.mjs";
import { partsWith } from "./parts.mjs";
import { openScene } from "./scene.mjs";

const ATTACKS = [kills, calls, fuzzing, hostile, ...tests, memory];
/** The most failures of an attack that are kept. */
const MOST = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    cases: { type: "string" },
    jobs: { type: "string", default: "1" },
    results: { type: "string", default: fileURLToPath(new URL("results.json", import.meta.url)) },
    quick: { type: "boolean", default: false },
    again: { type: "boolean", default: false },
  },
});
const unknown = positionals.filter((name) => !ATTACKS.some((attack) => attack.name === name));
if (unknown.length > 0) {
  console.error(`There is no attack ${unknown.join(", ")}: choose from ${ATTACKS.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const chosen = ATTACKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const file = values.results;
const jobs = Number(values.jobs);
const results = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const { quick } = values;
const here = machine();
let failed = 0;
const share = (60_000 * Number(values.minutes)) / chosen.length;
const folder = mkdtempSync(join(tmpdir(), "thaw-attack-"));
let scene;
try {
  for (const attack of chosen) await run(attack);
} finally {
  (await scene)?.close();
  rmSync(folder, { recursive: true, force: true });
}
if (!quick) writeFileSync(fileURLToPath(new URL("../docs/attacks.md", import.meta.url)), page(ATTACKS, results));
process.exitCode = failed > 0 ? 1 : 0;

async function run(attack) {
  const seed = Number(values.seed);
  const fresh = { seed, done: 0, count: 0, failures: 0, parts: [], examples: [], of: undefined, notes: {} };
  const result = !quick && !values.again && results[attack.name]?.seed === seed ? results[attack.name] : fresh;
  const total = quick ? attack.quick : Number(values.cases ?? Number.POSITIVE_INFINITY);
  const start = performance.now();
  const before = result.parts;
  const first = { done: result.done, count: result.count };
  const prepared = await attack.prepare({
    folder,
    // One for all, made when the first needs it.
    openScene: () => {
      scene ??= openScene(folder);
      return scene;
    },
    quick,
    jobs,
    random: (...keys) => randomStream(seed, attack.name, ...keys),
    notes: result.notes,
  });
  const all = Math.min(prepared.cases, attack.full ?? prepared.cases);
  result.of = prepared.of ?? all;
  const end = Math.min(all, first.done + total);
  const isTime = () => quick || performance.now() - start < share;
  try {
    await inOrder({ first: first.done, end, jobs, isTime, work: prepared.attack }, (i, { count = 1, failure } = {}) => {
      result.done = i + 1;
      result.count += count;
      // Tests are counted when they have run.
      if (prepared.of === undefined && result.done === all) result.of = Math.max(all, result.count);
      const seconds = Math.round((performance.now() - start) / 1000);
      result.parts = partsWith(before, { ...here, count: result.count - first.count, seconds });
      if (failure !== undefined) {
        failed++;
        result.failures++;
        result.examples = [...result.examples, { case: i, failure }].slice(0, MOST);
        console.error(`${attack.name} ${i}: ${failure}`);
      }
      if (!quick) keep(attack.name, result);
    });
  } finally {
    await prepared.close?.();
  }
  console.log(`${attack.name}: ${result.count} of ${result.of} ${attack.unit}, ${result.failures} failed`);
}

function keep(name, result) {
  results[name] = result;
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
}

function machine() {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    encoding: "utf8",
  });
  return {
    commit: commit.trim(),
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model}, ${availableParallelism()} cores`,
    node: process.version,
  };
}
