// `thaw serve` beside the library that it serves, and for a long time:
//   node bench/serving/run.mjs --model <model> --photos <folder> [--rounds 7] [--seconds 10] [--minutes 10] [--stops 20]
// (after npm run build). Writes bench/results/serving.md, or with --results to another file.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startPeer } from "../peer.mjs";
import { runClients } from "./clients.mjs";
import { picturesIn } from "./pictures.mjs";
import { writeTable } from "./table.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({
  options: {
    model: { type: "string" },
    photos: { type: "string" },
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "10" },
    minutes: { type: "string", default: "10" },
    stops: { type: "string", default: "20" },
    results: { type: "string", default: at("../results/serving.md") },
  },
});
if (!values.model || !values.photos) {
  console.error("--model names the folder of a classifier, --photos a folder of photographs.");
  process.exit(2);
}
const CLIENTS = 8;
const PICTURES = 200;
const pictures = picturesIn(values.photos, PICTURES);

/** Starts the server and waits until it listens; `event(name)` resolves with the next event of that name. */
async function startServer() {
  const child = spawn(process.execPath, [at("../../dist/cli/main.js"), "serve", values.model, "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const event = async (name) => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`the server ended before "${name}"`);
      const row = JSON.parse(value);
      if (row.event === name) return row;
    }
  };
  const { url } = await event("listening");
  return { child, url, event };
}

const memory = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1000;
const median = (numbers) => quantile(numbers, 0.5);
const quantile = (numbers, q) => [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(q * numbers.length))];

/** Photographs per second and milliseconds of each request over `seconds`. */
async function serverRound(url, seconds) {
  const times = [];
  const start = performance.now();
  await runClients(url, pictures, {
    count: CLIENTS,
    until: () => performance.now() - start > 1000 * seconds,
    answered: (milliseconds) => times.push(milliseconds),
    lost: (why) => {
      throw new Error(why);
    },
  });
  return { perSecond: (1000 * times.length) / (performance.now() - start), times };
}

/** The two sides take turns; the first round of each warms it up. */
async function throughput() {
  const library = await startPeer([process.execPath, at("library.mjs"), values.model, values.photos, String(PICTURES), String(CLIENTS)]);
  const { child, url } = await startServer();
  const rounds = [];
  for (let round = 0; round <= Number(values.rounds); round++) {
    const own = JSON.parse(await library.ask(values.seconds));
    const served = await serverRound(url, Number(values.seconds));
    if (round > 0) rounds.push({ library: own.perSecond, server: served.perSecond, times: served.times });
    console.error(`round ${round}: library ${own.perSecond.toFixed(1)}/s, server ${served.perSecond.toFixed(1)}/s`);
  }
  await library.stop();
  child.kill("SIGTERM");
  await once(child, "exit");
  const times = rounds.flatMap((round) => round.times);
  return {
    library: median(rounds.map((round) => round.library)),
    server: median(rounds.map((round) => round.server)),
    ratio: median(rounds.map((round) => round.server / round.library)),
    median: median(times),
    p99: quantile(times, 0.99),
    requests: times.length,
  };
}

/** Clients for minutes, a new model every ten seconds, and the end by SIGTERM under load. */
async function soak() {
  const { child, url, event } = await startServer();
  const [end, losses, resident] = [performance.now() + 60_000 * Number(values.minutes), [], []];
  let [requests, reloads, over] = [0, 0, false];
  const clients = runClients(url, pictures, {
    count: CLIENTS,
    until: () => over,
    answered: () => requests++,
    lost: (why) => losses.push(why),
  });
  while (performance.now() < end) {
    for (let second = 0; second < 10 && performance.now() < end; second++) {
      await sleep(1000);
      resident.push(memory(child.pid));
    }
    child.kill("SIGHUP");
    await event("reloaded");
    reloads++;
  }
  over = true;
  child.kill("SIGTERM");
  await Promise.all([clients, once(child, "exit")]);
  const sixth = (i) => median(resident.filter((_, n) => Math.floor((6 * n) / resident.length) === i));
  return { requests, reloads, losses, sixths: [0, 1, 2, 3, 4, 5].map(sixth), most: Math.max(...resident) };
}

/** Servers that are stopped while every client waits for an answer or is about to ask. */
async function stops() {
  let [requests, losses] = [0, []];
  for (let stop = 0; stop < Number(values.stops); stop++) {
    const { child, url } = await startServer();
    let over = false;
    const clients = runClients(url, pictures, {
      count: CLIENTS,
      until: () => over,
      answered: () => requests++,
      lost: (why) => losses.push(why),
    });
    await sleep(1000 + 37 * stop);
    child.kill("SIGTERM");
    const exit = once(child, "exit");
    // The clients go on for as long as the server still takes requests, as a load balancer does that has not heard yet.
    await sleep(200);
    over = true;
    await Promise.all([clients, exit]);
    console.error(`stop ${stop + 1}: ${requests} requests so far, ${losses.length} lost ${losses.slice(-1)}`);
  }
  return { stops: Number(values.stops), requests, losses };
}

const speed = await throughput();
const ended = await stops();
const long = await soak();
const text = writeTable({
  machine: `${cpus()[0]?.model}, ${availableParallelism()} cores; node ${process.version}`,
  options: values,
  clients: CLIENTS,
  pictures: pictures.length,
  kilobytes: pictures.reduce((sum, { length }) => sum + length, 0) / pictures.length / 1000,
  speed,
  ended,
  long,
});
writeFileSync(values.results, text);
console.log(text);
