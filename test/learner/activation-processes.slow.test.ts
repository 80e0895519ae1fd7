// The cache among processes: killed at any moment, and two at once. What a process writes is there whole or not at all.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "./tiny.ts";

const script = fileURLToPath(new URL("precompute.mjs", import.meta.url));
const IMAGES = 300; // 4 chunks of 64, and one of 44.

/** What a process printed last; killed as soon as it has said "run" `runs` times. */
function precompute(folder: string, runs = Number.POSITIVE_INFINITY): Promise<string> {
  const child = spawn(process.execPath, [script, folder, `${IMAGES}`, `${runs}`], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (text) => {
    output += text;
    if (output.split("run\n").length - 1 >= runs) child.kill("SIGKILL");
  });
  return new Promise((resolve) => child.on("close", () => resolve(output.trim().split("\n").at(-1) as string)));
}

const sha256 = (bytes: Uint8Array | Float32Array): string => createHash("sha256").update(bytes).digest("hex");

/** The files of a cache's one entry by name. */
async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const [entry] = await readdir(join(folder, "activations"));
  const path = join(folder, "activations", entry as string);
  const names = (await readdir(path)).toSorted();
  return new Map(await Promise.all(names.map(async (name) => [name, sha256(await readFile(join(path, name)))] as const)));
}

let rows: string;
let whole: ReadonlyMap<string, string>;

beforeAll(async () => {
  const values = new Float32Array(IMAGES * 16_384);
  for (let i = 0; i < IMAGES; i++) values.fill(i + 0.25, i * 16_384, (i + 1) * 16_384);
  rows = sha256(values);
  const folder = await temporaryFolder();
  expect(await precompute(folder)).toBe(`${rows} ${IMAGES}`);
  whole = await filesOf(folder);
  expect(whole.size).toBe(8);
});

test("killed again and again, at any byte, what is written is whole, and the last run computes the rest", async () => {
  const folder = await temporaryFolder();
  // A chunk is written while the next one is computed: the first is there when the third begins.
  for (const runs of [1, 3, 1, 3]) {
    expect(await precompute(folder, runs)).toBe("run");
    // The list of checksums grows.
    const written = [...(await filesOf(folder))].filter(([name]) => whole.has(name) && name !== "chunks.crc32c");
    for (const [name, hash] of written) expect(hash).toBe(whole.get(name));
  }
  const before = [...(await filesOf(folder)).keys()].filter((name) => /^c\.\d+\.0$/.test(name));
  // One at least from each process that began a third.
  expect(before.length).toBeGreaterThanOrEqual(2);
  const kept = before.reduce((sum, name) => sum + (name === "c.4.0" ? 44 : 64), 0);
  expect(await precompute(folder)).toBe(`${rows} ${IMAGES - kept}`);
  expect(await precompute(folder)).toBe(`${rows} 0`);
  expect(await filesOf(folder)).toEqual(whole);
});

test("two processes at once on an empty cache end with the same rows and one whole entry", async () => {
  const folder = await temporaryFolder();
  const [one, two] = await Promise.all([precompute(folder), precompute(folder)]);
  expect([one?.split(" ")[0], two?.split(" ")[0]]).toEqual([rows, rows]);
  expect(await precompute(folder)).toBe(`${rows} 0`);
  expect(await filesOf(folder)).toEqual(whole);
});

test("a process that is killed beside another one does it no harm", async () => {
  const folder = await temporaryFolder();
  const [killed, other] = await Promise.all([precompute(folder, 2), precompute(folder)]);
  expect([killed, other.split(" ")[0]]).toEqual(["run", rows]);
  expect(await precompute(folder)).toBe(`${rows} 0`);
  expect(await filesOf(folder)).toEqual(whole);
});
