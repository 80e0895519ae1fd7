// pg-boss beside BullMQ, both over PostgreSQL: speed, how soon a job is taken, and what happens to jobs whose worker is killed or whose server
// restarts. Writes bench/results/queue.md.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startPostgres } from "./postgres.mjs";
import { LEASE, SIDES } from "./queue-sides.mjs";

const { values } = parseArgs({ options: { jobs: { type: "string", default: "2000" }, print: { type: "boolean" } } });
const JOBS = Number(values.jobs);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
const quantile = (numbers, share) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(share * numbers.length))];

// BullMQ is no dependency of thaw, so it is installed aside.
const modules = mkdtempSync(join(tmpdir(), "thaw-bullmq-"));
writeFileSync(join(modules, "package.json"), "{}");
execFileSync("npm", ["install", "--ignore-scripts", "--silent", "--prefix", modules, "bullmq@6", "pg@8"], { stdio: "inherit" });

async function until(happened, seconds, what) {
  const end = Date.now() + seconds * 1000;
  while (!happened()) {
    if (Date.now() > end) return `not in ${seconds} s: ${what}`;
    await sleep(20);
  }
  return undefined;
}

async function measure(side) {
  const server = await startPostgres();
  const events = [];
  const workers = new Set();
  const start = async (ms) => {
    const args = [fileURLToPath(new URL("queue-worker.mjs", import.meta.url)), side, server.url, modules, `${ms}`];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    workers.add(child);
    const ready = new Promise((resolve) =>
      createInterface({ input: child.stdout }).on("line", (line) => {
        const event = { ...JSON.parse(line), pid: child.pid };
        if (event.what === "ready") resolve();
        else events.push(event);
      }),
    );
    await ready;
    return child;
  };
  const stopAll = async () => {
    for (const child of workers) child.kill("SIGKILL");
    workers.clear();
    await sleep(200);
  };
  const of = (what, ids) => events.filter((event) => event.what === what && ids.has(event.id));
  const distinct = (what, ids) => new Set(of(what, ids).map(({ id }) => id)).size;
  const result = {};
  try {
    const queue = await SIDES[side](server.url, modules);

    const many = Array.from({ length: JOBS }, (_, i) => `many ${i}`);
    let began = performance.now();
    for (let i = 0; i < JOBS; i += 500) await queue.add(many.slice(i, i + 500));
    result.added = JOBS / ((performance.now() - began) / 1000);
    const ids = new Set(many);
    began = performance.now();
    await Promise.all([start(0), start(0)]);
    result.speedError = await until(() => distinct("done", ids) === JOBS, 120, "all jobs done");
    result.speed = JOBS / ((performance.now() - began) / 1000);
    result.twice = of("taken", ids).length - distinct("taken", ids);

    // An idle queue, and jobs that come one at a time.
    const waits = [];
    for (let i = 0; i < 20; i++) {
      await sleep(300 + 37 * i);
      const id = `single ${i}`;
      const at = Date.now();
      await queue.add([id]);
      await until(() => of("taken", new Set([id])).length > 0, 30, id);
      waits.push(of("taken", new Set([id]))[0].at - at);
    }
    result.wait = [quantile(waits, 0.5), quantile(waits, 0.95)];
    await stopAll();

    // A worker is killed in the middle of a job.
    const killed = await start(60_000);
    await queue.add(["orphan"]);
    await until(() => of("taken", new Set(["orphan"])).length === 1, 30, "taken");
    await stopAll();
    void killed;
    const at = Date.now();
    await start(100);
    result.orphanError = await until(() => distinct("done", new Set(["orphan"])) === 1, 90, "the job of a killed worker");
    result.orphan = (Date.now() - at) / 1000;
    await stopAll();

    // The server crashes and comes back while two workers work.
    const through = new Set(Array.from({ length: 100 }, (_, i) => `through ${i}`));
    await queue.add([...through]);
    await Promise.all([start(100), start(100)]);
    await until(() => distinct("done", through) >= 10, 30, "a few jobs");
    await server.stop("SIGKILL");
    await sleep(3000);
    await server.start();
    const restarted = Date.now();
    result.restartError = await until(() => distinct("done", through) === through.size, 90, "all jobs after a restart");
    result.restart = (Date.now() - restarted) / 1000;
    result.repeated = of("done", through).length - distinct("done", through);
    await stopAll();
    await Promise.race([queue.close(), sleep(3000)]);
  } finally {
    await stopAll();
    await server.remove();
  }
  return { ...result, server: server.version };
}

function megabytes(folder, names) {
  const listed = names ? names.map((name) => join(folder, name)) : [folder];
  return (
    Number(
      execFileSync("du", ["-skc", ...listed], { encoding: "utf8" })
        .trim()
        .split("\n")
        .at(-1)
        .split("\t")[0],
    ) / 1024
  );
}

/** Every package that `npm install <name>` alone brings, in MB. */
function installed(name) {
  const folder = mkdtempSync(join(tmpdir(), "thaw-size-"));
  writeFileSync(join(folder, "package.json"), "{}");
  execFileSync("npm", ["install", "--ignore-scripts", "--silent", "--prefix", folder, ...name], { stdio: "ignore" });
  const packages = readFileSync(join(folder, "package-lock.json"), "utf8").match(/"node_modules\/[^"]+": \{/g).length;
  const scripts = readFileSync(join(folder, "package-lock.json"), "utf8").match(/"hasInstallScript": true/g)?.length ?? 0;
  const size = megabytes(join(folder, "node_modules"));
  rmSync(folder, { recursive: true, force: true });
  return { packages, scripts, size };
}

/** What PGlite takes before it has done anything, in a process of its own. */
function pglite() {
  const script = `import { PGlite } from "@electric-sql/pglite"; const t = performance.now(); const db = await PGlite.create();
    await db.query("select 1"); console.log(JSON.stringify({ seconds: (performance.now() - t) / 1000, mb: process.memoryUsage().rss / 1e6 })); await db.close();`;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }));
}

const version = (folder, name) => JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8")).version;
const results = {};
for (const side of Object.keys(SIDES)) results[side] = await measure(side);
const sizes = { "pg-boss": installed(["pg-boss@12"]), bullmq: installed(["bullmq@6", "pg@8"]) };
const here = pglite();
const root = fileURLToPath(new URL("../..", import.meta.url));
const pgliteSize = megabytes(join(root, "node_modules/@electric-sql/pglite"));
const sides = [`pg-boss ${version(root, "pg-boss")}`, `BullMQ ${version(modules, "bullmq")}`];
const cells = (of) => Object.keys(SIDES).map((side) => of(results[side], sizes[side]));
const rows = [
  ["jobs added per second, 500 at a time", ...cells(({ added }) => Math.round(added))],
  ["empty jobs per second, 2 workers", ...cells(({ speed, speedError }) => speedError ?? Math.round(speed))],
  ["… taken twice", ...cells(({ twice }) => twice)],
  ["an idle worker takes a job after, ms: median (95 %)", ...cells(({ wait }) => `${wait[0]} (${wait[1]})`)],
  [
    `the job of a killed worker is done by another after, s (lease: ${LEASE} s)`,
    ...cells(({ orphan, orphanError }) => orphanError ?? orphan.toFixed(1)),
  ],
  [
    "100 jobs, server killed and 3 s later back: all are done after, s",
    ...cells(({ restart, restartError }) => restartError ?? restart.toFixed(1)),
  ],
  ["… done twice", ...cells(({ repeated }) => repeated)],
  [
    "packages; those with an install script; MB installed",
    ...cells((_, { packages, scripts, size }) => `${packages}; ${scripts}; ${size.toFixed(1)}`),
  ],
];
const page = `# Queues over PostgreSQL

Machine: ${cpus()[0].model}, ${cpus().length} cores; Node ${process.versions.node}; ${results["pg-boss"].server}; ${sides.join(", ")}.
Command: \`node bench/many-machines/queue.mjs --jobs ${JOBS}\`, ahead of other work on the machine.

| | ${sides.join(" | ")} |
| --- | ---: | ---: |
${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}

PGlite ${version(root, "@electric-sql/pglite")}, PostgreSQL compiled to WebAssembly: ${pgliteSize.toFixed(0)} MB installed, ready after ${here.seconds.toFixed(1)} s, ${here.mb.toFixed(0)} MB of memory before the first job.

Both queues take a job from a worker that is killed and give it to another, and both lose none when their server is. Speed decides
nothing: a shard of 1,000 photographs takes ten seconds and more, during which a queue is asked three times. thaw takes pg-boss because
installing it runs no package's script, and because what it does has been in use for years, while BullMQ's backend for PostgreSQL came in
July 2026. What speaks for BullMQ is that an idle worker takes a job, and another a dead one's, sooner. Redis beside the database would
be one more server to keep, for neither gain.

For the workers of one command thaw has a queue in its own memory, not PGlite. It hands numbers to child processes; what is done is known
from the manifests beside the parts. PGlite would store nothing that is needed, for what the line above says it takes. In thaw's tests it
runs pg-boss where no server is installed.
`;
if (values.print) console.log(page);
else writeFileSync(join(root, "bench/results/queue.md"), page);
rmSync(modules, { recursive: true, force: true });
