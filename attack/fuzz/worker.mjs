// Feeds a parser with damaged inputs, in a process of its own: node worker.mjs <target> <seed> <count> <models> <corpus>
// Prints one line of JSON: how many inputs were tried, how many it started from, and those that broke it. Of a small part of its inputs it
// looks at the code that they reach, and adds those to the corpus that reach code which no earlier one reached; the others are damaged
// copies of them all.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { join } from "node:path";
import { generator, mutated } from "./mutate.mjs";
import { isRefusal, targetsFor } from "./targets.mjs";

/** Milliseconds in which an input of some kilobytes must be dealt with; other work on the machine has its share of them. */
const PATIENCE = 5000;
/** Inputs between two looks at the coverage, and the share of inputs of which it is looked at: counting slows all down. */
const GROUP = 25;
const EXPLORED = 0.01;
const LEAST = 250;

const [name, seed, count, models, corpusFolder] = process.argv.slice(2);
const { inputs, parse } = targetsFor(models.split(","))[name];
mkdirSync(corpusFolder, { recursive: true });
const corpus = [
  ...inputs,
  ...readdirSync(corpusFolder)
    .sort()
    .map((file) => readFileSync(join(corpusFolder, file))),
];
const draw = generator(Number(seed));
const broken = new Map();

// Most inputs are refused, and finding the stack of each error takes longer than refusing.
Error.stackTraceLimit = 0;
const explored = Math.min(Number(count), Math.max(LEAST, Math.round(EXPLORED * count)));
await reachMore(explored);
for (let i = explored; i < Number(count); i++) await feed(mutated(corpus, draw));
process.stdout.write(JSON.stringify({ count: Number(count), corpus: corpus.length, broken: [...broken.values()] }));

async function feed(bytes) {
  const start = performance.now();
  try {
    await parse(bytes);
  } catch (error) {
    if (!isRefusal(error)) await reportError(bytes);
  }
  const milliseconds = performance.now() - start;
  if (milliseconds > PATIENCE) report("slow", `it took ${Math.round(milliseconds)} ms`, bytes);
}

/** Again, for the stack. */
async function reportError(bytes) {
  Error.stackTraceLimit = 10;
  try {
    await parse(bytes);
    report("not again", "it broke the parser once, but not when it was tried again", bytes);
  } catch (error) {
    report(signatureOf(error), String(error?.stack ?? error), bytes);
  }
  Error.stackTraceLimit = 0;
}

function report(signature, what, bytes) {
  if (!broken.has(signature))
    broken.set(signature, { signature, what: what.split("\n").slice(0, 4).join("\n"), input: bytes.toString("base64") });
}

/** Where an error came from, so that each mistake is reported once. */
function signatureOf(error) {
  const place = /dist\/[\w/.-]+:\d+/.exec(error?.stack ?? "")?.[0] ?? "";
  return `${error?.name}: ${String(error?.message)
    .replace(/[\d"'`].*$/s, "")
    .slice(0, 60)} ${place}`;
}

async function reachMore(count) {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const reached = new Set();
  /** The pieces of code that ran since the last call. */
  const ran = async () => {
    const { result } = await session.post("Profiler.takePreciseCoverage");
    const ours = result.filter(({ url }) => url.includes("/dist/"));
    return ours.flatMap(({ url, functions }) =>
      functions.flatMap(({ ranges }) =>
        ranges.flatMap((range) => (range.count > 0 ? [`${url} ${range.startOffset} ${range.endOffset}`] : [])),
      ),
    );
  };
  const add = async () => {
    const added = (await ran()).filter((piece) => !reached.has(piece));
    for (const piece of added) reached.add(piece);
    return new Set(added);
  };
  for (const bytes of corpus) await feed(bytes);
  await add();
  for (let i = 0; i < count; i += GROUP) {
    const group = Array.from({ length: GROUP }, () => mutated(corpus, draw));
    for (const bytes of group) await feed(bytes);
    const added = await add();
    // Which of them it was: each again, until all that is new has run.
    for (const bytes of added.size > 0 ? group : []) {
      if (added.size === 0) break;
      await feed(bytes);
      const found = (await ran()).filter((piece) => added.delete(piece));
      if (found.length > 0) keep(bytes);
    }
  }
  await session.post("Profiler.stopPreciseCoverage");
  session.disconnect();
}

function keep(bytes) {
  writeFileSync(join(corpusFolder, createHash("sha256").update(bytes).digest("hex").slice(0, 16)), bytes);
  corpus.push(bytes);
}
