// The engine's process: kept from shard to shard, replaced when it dies, stopped when its worker says so. It runs what was built in dist.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeModel, picture, temporaryFolder } from "../../test/fixtures/models.ts";
import { readModel } from "../classifier/read-model.ts";
import { predictedBy } from "../cli/predict/predicted.ts";
import { workOf } from "../cli/predict/shard-work.ts";
import { hashJson } from "../core/hash.ts";
import { divide } from "../shards/names.ts";
import { processEngine } from "./engine.node.ts";
import { type Job, jobOf, type Work } from "./job.ts";
import type { Outcome } from "./worker.ts";

let folder = "";
let work: Work;
const engine = processEngine(1);
const goOn = new AbortController().signal;
const job = (shard: number, changes: Partial<Work> = {}): Job => jobOf({ ...work, ...changes }, shard);

beforeAll(async () => {
  folder = await temporaryFolder();
  const model = await makeModel();
  await mkdir(join(folder, "photos"));
  const names = Array.from({ length: 60 }, (_, i) => join("photos", `${i}.png`));
  for (const [i, name] of names.entries()) await writeFile(join(folder, name), await picture(i));
  const { description } = await readModel(model);
  const { all } = await divide(names, 1);
  const identity = hashJson(workOf(description, predictedBy(description)));
  work = { folder, model, work: identity, paths: ["photos"], out: "parts", shards: 4, all };
});
afterAll(() => engine.close());

/** The numbers of this process's engines. */
function engines(): number[] {
  const children = readdirSync("/proc/self/task").flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8").trim().split(" "),
  );
  return children.filter((pid) => pid !== "" && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("engine.js")).map(Number);
}

test("shards are done in the work's folder, by one process", async () => {
  const rows: Outcome[] = [];
  for (const shard of [1, 2]) rows.push(await engine.run(job(shard), goOn));
  expect(rows).toEqual([
    { kind: "done", rows: expect.any(Number), failed: 0 },
    { kind: "done", rows: expect.any(Number), failed: 0 },
  ]);
  expect(existsSync(join(folder, "parts", "shard-2-of-4", "shard.json"))).toBe(true);
});

test.skipIf(process.platform !== "linux")("a process that is killed is a crash that is told, and the next shard has another", async () => {
  const running = engine.run(job(3), goOn);
  const [pid] = engines() as [number];
  process.kill(pid, "SIGKILL");
  expect(await running).toEqual({
    kind: "crash",
    message: expect.stringContaining("process was killed (SIGKILL), perhaps for lack of memory"),
  });
  expect(await engine.run(job(3), goOn)).toMatchObject({ kind: "done" });
  expect(engines()).not.toContain(pid);
});

test("a shard stops when the worker says so, and the same process goes on with it later", async () => {
  const stop = new AbortController();
  const running = engine.run(job(4), stop.signal);
  stop.abort();
  expect(await running).toEqual({ kind: "stopped" });
  expect(await engine.run(job(4), goOn)).toMatchObject({ kind: "done" });
});

test.each<[string, Partial<Work>, "unfit" | "mistake", string]>([
  ["a machine without the folder", { folder: "/nowhere" }, "unfit", "This machine has no folder /nowhere"],
  ["a machine without the model", { model: "elsewhere" }, "unfit", "elsewhere"],
  ["another model", { work: "00".repeat(32) }, "unfit", "is not the one that the photographs were put into the queue with"],
  ["no photographs", { paths: ["parts"] }, "unfit", "parts"],
  ["parts of a list that is counted otherwise", { all: { photographs: 61, names: 1 } }, "unfit", "This machine sees 60 photographs"],
])("%s is told apart from a failure", async (_, changes, kind, message) => {
  expect(await engine.run(job(1, changes), goOn)).toMatchObject({ kind, message: expect.stringContaining(message) });
});
