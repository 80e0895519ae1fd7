// Many photographs, several workers, PostgreSQL, with --store also an object store, and a stream of kills: of workers, and of the servers. Then every
// row has to be there exactly once, equal to what one undisturbed process predicts. Also what the queue costs, how work speeds up with processes,
// and memory. Writes bench/results/many-machines.md. Goes on where it was stopped: what is finished is in the folder --work.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machineName } from "../processor.mjs";
import { startObjectStore } from "./object-store.mjs";
import { startPostgres } from "./postgres.mjs";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    from: { type: "string" },
    work: { type: "string", default: "/tmp/thaw-many-machines" },
    photographs: { type: "string", default: "20000" },
    shards: { type: "string", default: "100" },
    workers: { type: "string", default: "1,2,4" },
    kills: { type: "string", default: "100" },
    restarts: { type: "string", default: "3" },
    /** Seconds between two kills, at most. */
    pause: { type: "string", default: "6" },
    seed: { type: "string", default: "1" },
    store: { type: "boolean" },
    times: { type: "boolean" },
    loaded: { type: "boolean" },
  },
});
if (!values.model || !values.from) {
  console.error(
    "Name a model and a folder of photographs: node bench/many-machines/kills.mjs --model <folder> --from <folder> [--photographs 2000 …]",
  );
  process.exit(2);
}
const [PHOTOGRAPHS, SHARDS, KILLS, RESTARTS, PAUSE] = [values.photographs, values.shards, values.kills, values.restarts, values.pause].map(
  Number,
);
const WORKERS = values.workers.split(",").map(Number);
/** The exit code of a worker that asks to be started again. */
const TRY_AGAIN = 75;
const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const work = resolve(values.work);
// With --store the photographs and the parts are in buckets, which versitygw keeps as folders.
const buckets = join(work, "buckets");
const album = values.store ? join(buckets, "photos", `album-${PHOTOGRAPHS}`) : join(work, `album-${PHOTOGRAPHS}`);
const albumPlace = values.store ? `s3://photos/album-${PHOTOGRAPHS}` : album;
const partsPlace = (name) => (values.store ? `s3://parts/${name}` : join(work, name));
const partsFolder = (name) => (values.store ? join(buckets, "parts", name) : join(work, name));
const resultsFile = join(work, "results.json");
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const results = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, "utf8")) : {};
const save = (key, value) => {
  results[key] = value;
  writeFileSync(resultsFile, JSON.stringify(results, undefined, 2));
};
/** Numbers in [0, 1) that a seed decides (xorshift32). */
let state = Number(values.seed) * 2654435769 || 1;
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}

function thaw(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: "utf8", cwd: work, maxBuffer: 1e9 });
  if (status !== 0) throw new Error(`thaw ${args.join(" ")} ended with ${status}:\n${stderr}${stdout.slice(-2000)}`);
  return stdout;
}

/** As many photographs as are wanted, by hard links under other names. */
function makeAlbum() {
  const listed = readdirSync(values.from, { recursive: true, withFileTypes: true }).filter((entry) => /\.jpe?g$/i.test(entry.name));
  const files = listed.map((entry) => resolve(entry.parentPath ?? entry.path, entry.name)).sort();
  for (let i = 0; i < PHOTOGRAPHS; i++) {
    const name = join(album, `${Math.floor(i / 1000)}`, `${String(i).padStart(7, "0")}.jpg`);
    if (existsSync(name)) continue;
    mkdirSync(dirname(name), { recursive: true });
    try {
      linkSync(files[i % files.length], name);
    } catch {
      symlinkSync(files[i % files.length], name);
    }
  }
}

/** A worker process: what it says, and the most memory that it and its engine took. */
function startWorker(url, threads) {
  const args = [main, "work", url, "--json", ...(threads ? ["--threads", `${threads}`] : [])];
  const child = spawn(process.execPath, args, { cwd: work, stdio: ["ignore", "pipe", "pipe"] });
  const worker = { child, events: [], began: performance.now(), errors: "" };
  createInterface({ input: child.stdout }).on("line", (line) => worker.events.push({ ...JSON.parse(line), at: performance.now() }));
  child.stderr.on("data", (text) => {
    worker.errors = (worker.errors + text).slice(-2000);
  });
  worker.ended = new Promise((done) =>
    child.once("exit", (code, signal) => {
      worker.seconds = (performance.now() - worker.began) / 1000;
      done({ code, signal });
    }),
  );
  return worker;
}

/** Bytes of memory of a process and its children. */
function memoryOf(pid) {
  const own = (id) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0) * 1024;
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
    return own(pid) + children.reduce((sum, id) => sum + own(id), 0);
  } catch {
    return 0;
  }
}

/** Seconds that all cores of the machine have worked. */
function busySeconds() {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0) / 1000;
}

const rowsOf = (out) => {
  const file = join(work, "joined.jsonl");
  thaw("join", out, "--jsonl", file, "--force");
  return readFileSync(file, "utf8");
};

/** The rows of one process that nothing disturbs, on this machine's disk; with --store under the names that the photographs have there. */
function reference() {
  const file = join(work, `reference-${PHOTOGRAPHS}.jsonl`);
  if (!existsSync(file)) {
    thaw("predict", values.model, album, "--out", join(work, `alone-${PHOTOGRAPHS}`));
    writeFileSync(file, rowsOf(join(work, `alone-${PHOTOGRAPHS}`)));
  }
  return readFileSync(file, "utf8").replaceAll(album, albumPlace);
}

/** Predicts everything with `count` workers, of which some are killed, and so is each server; returns what happened. */
async function disturbed(count, kills, restartsOfEach) {
  const name = `killed-${PHOTOGRAPHS}-${count}`;
  const out = partsPlace(name);
  rmSync(partsFolder(name), { recursive: true, force: true });
  const server = await startPostgres();
  const servers = store ? [server, store] : [server];
  const restarts = restartsOfEach * servers.length;
  const workers = new Set();
  const started = [];
  const start = () => {
    const worker = startWorker(server.url, Math.max(1, Math.floor(cpus().length / count)));
    workers.add(worker);
    started.push(worker);
    void worker.ended.then(({ code, signal }) => {
      workers.delete(worker);
      worker.how = signal ?? code;
    });
    return worker;
  };
  let [killed, restarted] = [0, 0];
  try {
    thaw("predict", values.model, albumPlace, "--out", out, "--queue", server.url, "--shards", `${SHARDS}`, "--detach");
    const began = performance.now();
    const jobs = () => JSON.parse(thaw("jobs", server.url, "--json").trim());
    for (let i = 0; i < count; i++) start();
    /** Starts those again that asked for it with their exit code, as a scheduler would: they came while PostgreSQL was away. */
    const startAgain = () => {
      const asking = started.filter((worker) => worker.how === TRY_AGAIN && !worker.replaced);
      for (const worker of asking) {
        worker.replaced = true;
        start();
      }
      return asking.length > 0;
    };
    // Kills come at chance moments of a worker's life: while it starts, loads the model, computes, writes.
    while (killed < kills || restarted < restarts) {
      await sleep(200 + 1000 * PAUSE * random());
      startAgain();
      if (workers.size === 0) {
        if (started.at(-1).how === 0 && jobs().shards.done === SHARDS) break;
        start();
        continue;
      }
      if (restarted < restarts && killed >= ((restarted + 1) * kills) / (restarts + 1)) {
        const victim = servers[restarted % servers.length];
        await victim.stop("SIGKILL");
        await sleep(3000 * random());
        await victim.start();
        restarted++;
        continue;
      }
      const victim = [...workers][Math.floor(random() * workers.size)];
      victim.child.kill("SIGKILL");
      await victim.ended;
      killed++;
      start();
      if (killed % 10 === 0) console.log(`${count} workers: ${killed} killed, ${restarted} restarts`, JSON.stringify(jobs().shards));
    }
    while (workers.size < count) start();
    do await Promise.all([...workers].map(({ ended }) => ended));
    while (startAgain());
    const { shards, failures } = jobs();
    const taken = started.flatMap(({ events }) => events).filter(({ event }) => event === "taken").length;
    const again = started.filter(({ how }) => how === TRY_AGAIN).length;
    const unexpected = started.filter(({ how }) => !["SIGKILL", 0, TRY_AGAIN].includes(how)).map(({ how, errors }) => `${how}: ${errors}`);
    return {
      out,
      killed,
      restarted: restarted / servers.length,
      shards,
      failures,
      taken,
      again,
      unexpected,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    for (const worker of workers) worker.child.kill("SIGKILL");
    await server.remove();
  }
}

/** What a worker's time is spent on, undisturbed, at 1,000 photographs a shard; and its memory at the end of each shard. */
async function timed(count) {
  const name = `timed-${PHOTOGRAPHS}-${count}`;
  const out = partsPlace(name);
  rmSync(partsFolder(name), { recursive: true, force: true });
  const server = await startPostgres();
  try {
    thaw(
      "predict",
      values.model,
      albumPlace,
      "--out",
      out,
      "--queue",
      server.url,
      "--shards",
      `${Math.ceil(PHOTOGRAPHS / 1000)}`,
      "--detach",
    );
    const workers = Array.from({ length: count }, () => startWorker(server.url, 1));
    const memory = workers.map(() => []);
    const [begun, began] = [busySeconds(), performance.now()];
    const sampling = setInterval(() => {
      for (const [i, { child }] of workers.entries()) memory[i].push(memoryOf(child.pid));
    }, 1000);
    await Promise.all(workers.map(({ ended }) => ended));
    clearInterval(sampling);
    const cores = (busySeconds() - begun) / ((performance.now() - began) / 1000);
    const shards = workers.map(({ events }) => events.filter(({ event, outcome }) => event === "outcome" && outcome.kind === "done"));
    const first = Math.min(...workers.flatMap(({ events }) => events.filter(({ event }) => event === "taken").map(({ at }) => at)));
    const last = Math.max(...shards.flat().map(({ at }) => at));
    // From a worker's first shard to the end of its last, what was not between "taken" and "outcome".
    const outside = workers.map(({ events }, i) => {
      const begin = events.find(({ event }) => event === "taken")?.at;
      const end = shards[i].at(-1)?.at;
      return { total: (end - begin) / 1000, inside: shards[i].reduce((sum, { seconds }) => sum + seconds, 0) };
    });
    const sum = (field) => outside.reduce((total, each) => total + (each[field] || 0), 0);
    const used = memory.flatMap((samples) => samples.filter((bytes) => bytes > 0));
    const half = (part) =>
      memory.map((samples) =>
        Math.max(
          0,
          ...samples.slice(...(part ? [Math.floor(samples.length / 2)] : [Math.floor(samples.length / 4), Math.floor(samples.length / 2)])),
        ),
      );
    return {
      seconds: (last - first) / 1000,
      cores,
      overhead: 1 - sum("inside") / sum("total"),
      memory: Math.max(...used) / 1e6,
      halves: [half(0), half(1)].map((peaks) => Math.max(...peaks) / 1e6),
      same: rowsOf(out) === reference(),
    };
  } finally {
    await server.remove();
  }
}

mkdirSync(work, { recursive: true });
makeAlbum();
const expected = reference();
const store = values.store ? await startObjectStore(buckets, ["photos", "parts"]) : undefined;
Object.assign(process.env, store?.env);
const lines = expected.trimEnd().split("\n");
console.log(`${lines.length} rows by one undisturbed process`);
const place = values.store ? " store" : "";
const keyOf = (count) => `kills${place} ${PHOTOGRAPHS} ${SHARDS} ${KILLS} ${RESTARTS} ${WORKERS} ${count}`;
const timesKeyOf = (count) => `times${place} ${PHOTOGRAPHS} ${count}`;
for (const [i, count] of WORKERS.entries()) {
  const key = keyOf(count);
  if (results[key]) continue;
  // The kills are shared among the numbers of workers; each has every restart.
  const kills = Math.floor(((i + 1) * KILLS) / WORKERS.length) - Math.floor((i * KILLS) / WORKERS.length);
  const { out, ...happened } = await disturbed(count, kills, RESTARTS);
  const rows = rowsOf(out);
  const names = rows
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).file);
  const verdict = { rows: names.length, distinct: new Set(names).size, same: rows === expected };
  save(key, { count, ...happened, ...verdict });
  console.log(JSON.stringify(results[key]));
  if (!verdict.same || happened.unexpected.length > 0 || happened.shards.done !== SHARDS)
    throw new Error(`${count} workers: not what one process predicts, see ${resultsFile}`);
  rmSync(partsFolder(`killed-${PHOTOGRAPHS}-${count}`), { recursive: true });
}
if (values.times)
  for (const count of WORKERS) {
    const key = timesKeyOf(count);
    if (!results[key]) save(key, { count, ...(await timed(count)) });
    console.log(JSON.stringify(results[key]));
  }

await store?.stop();

const killRows = WORKERS.map((count) => results[keyOf(count)]);
const timeRows = WORKERS.map((count) => results[timesKeyOf(count)]).filter(Boolean);
const servers = values.store ? "PostgreSQL and versitygw are" : "PostgreSQL is";
const again = killRows.reduce((sum, row) => sum + row.again, 0);
const page = `# Many machines: kills and restarts

Machine: ${machineName()}; Node ${process.versions.node}. Command:
\`node bench/many-machines/kills.mjs --model <model> --from <photographs> --photographs ${PHOTOGRAPHS} --shards ${SHARDS} --workers ${values.workers} --kills ${KILLS} --restarts ${RESTARTS} --pause ${PAUSE}${values.store ? " --store" : ""}${timeRows.length > 0 ? " --times" : ""}\`.

${lines.length.toLocaleString("en-US")} photographs in ${SHARDS} shards${values.store ? "; they and their rows are in buckets of versitygw" : ""}. Workers (\`thaw work\`) are killed with SIGKILL at chance
moments and replaced; ${servers} killed with SIGKILL and started again${values.store ? ", one after the other" : ""}. Then the joined rows are
compared with those of one process that nothing disturbed${values.store ? ", which read the photographs from the disk" : ""}.

| workers at a time | workers killed | restarts of ${values.store ? "each server" : "PostgreSQL"} | shards handed out | set aside | rows | each once | equal to the last bit |
| ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |
${killRows.map((row) => `| ${row.count} | ${row.killed} | ${row.restarted} | ${row.taken} | ${row.shards.aside} | ${row.rows} | ${row.distinct === row.rows ? "yes" : "NO"} | ${row.same ? "yes" : "NO"} |`).join("\n")}
${again === 0 ? "" : `\n${again} workers came while PostgreSQL was away, ended with the exit code 75 that asks for another try, and were started again.\n`}${
  timeRows.length === 0
    ? ""
    : `
Undisturbed, 1,000 photographs a shard, one thread for each worker's network (photographs are decoded in another, and the servers have the same
cores)${values.loaded ? "; measured while the machine had other work, so only shares mean something" : ""}:

| workers | seconds | photographs/s | cores of ${availableParallelism()} in use | outside shards | most memory of a worker with its engine, MB: second quarter, second half | same rows |
| ---: | ---: | ---: | ---: | ---: | ---: | --- |
${timeRows.map((row) => `| ${row.count} | ${row.seconds.toFixed(1)} | ${(lines.length / row.seconds).toFixed(0)} | ${row.cores.toFixed(2)} | ${(100 * row.overhead).toFixed(2)} % | ${row.halves.map((mb) => mb.toFixed(0)).join(", ")} | ${row.same ? "yes" : "NO"} |`).join("\n")}
`
}`;
writeFileSync(fileURLToPath(new URL("../results/many-machines.md", import.meta.url)), page);
