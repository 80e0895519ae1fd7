// Predictions in shards by the command: joined, they are the table of one process.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parquetReadObjects } from "hyparquet";
import { beforeAll, expect, test } from "vitest";
import { makeModel, picture, temporaryFolder } from "../fixtures/models.ts";
import { main, thaw } from "./command.ts";

let [model, photos] = ["", ""];

beforeAll(async () => {
  model = await makeModel({ classes: ["cats", "10"], calibration: { temperature: 3, noneBelow: 0.55 } });
  photos = join(await temporaryFolder(), "photos");
  for (let i = 0; i < 13; i++) {
    await mkdir(join(photos, `${i % 3}`), { recursive: true });
    await writeFile(join(photos, `${i % 3}`, `=photo ${i}, "best".png`), i === 5 ? "no picture" : await picture(i));
  }
});

test("three shards, joined, are the table and the lines that one process prints", async () => {
  const folder = await temporaryFolder();
  const parts = join(folder, "parts");
  for (const shard of ["3/3", "1/3"]) expect(thaw("predict", model, photos, "--shard", shard, "--out", parts).status).toBe(0);
  const early = thaw("join", parts);
  expect([early.status, early.stderr]).toEqual([2, expect.stringContaining("1 of 3 shards")]);
  const last = thaw("predict", model, photos, "--shard", "2/3", "--out", parts, "--json");
  expect(JSON.parse(last.stdout)).toMatchObject({ event: "done", out: parts, shard: 2, shards: 3, parts: 1 });
  const [csv, jsonl] = [join(folder, "all.csv"), join(folder, "all.jsonl")];
  const done = thaw("join", parts, "--csv", csv, "--jsonl", jsonl);
  expect([done.status, done.stdout]).toEqual([0, `3 shards, 13 photographs, 1 unreadable: written to ${csv} and ${jsonl}\n`]);
  const sorted = (text: string, head: number) => {
    const lines = text.trimEnd().split("\n");
    return [...lines.slice(0, head), ...lines.slice(head).sort()];
  };
  expect(sorted(await readFile(csv, "utf8"), 1)).toEqual(sorted(thaw("predict", model, photos, "--csv").stdout, 1));
  expect(sorted(await readFile(jsonl, "utf8"), 0)).toEqual(sorted(thaw("predict", model, photos, "--json").stdout, 0));
  expect(thaw("join", parts, "--csv", csv).stderr).toContain("already exists");
  await rm(csv);
  expect(thaw("join", parts, "--csv", csv, "--json").stdout).toContain('"photographs":13,"unreadable":1');
});

test("the names of a list on standard input are divided as well", async () => {
  const parts = join(await temporaryFolder(), "parts");
  const there = Array.from({ length: 4 }, (_, i) => join(photos, `${i % 3}`, `=photo ${i}, "best".png`));
  const listed = [...there, "a line separator\u2028ends no line.png"];
  for (const shard of ["1/2", "2/2"]) {
    const args = [main, "predict", model, "-", "--shard", shard, "--out", parts];
    expect(spawnSync(process.execPath, args, { input: `${listed.join("\n")}\n` }).status).toBe(0);
  }
  const jsonl = join(parts, "all.jsonl");
  expect(thaw("join", parts, "--jsonl", jsonl).status).toBe(0);
  const rows = (await readFile(jsonl, "utf8")).trimEnd().split("\n");
  expect(rows.map((row) => JSON.parse(row).file)).toEqual(listed.toSorted());
});

test("names on standard input are predicted while more come, and a command that is stopped then waits for none", async () => {
  const name = join(photos, "0", '=photo 0, "best".png');
  const child = spawn(process.execPath, [main, "predict", model, "-", "--csv"]);
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.write(`${name}\n`);
  for (let row = 0; row <= 1; row++) expect((await lines.next()).done).toBe(false);
  child.stdin.write(`${name}\n`.repeat(1100));
  for (let row = 0; row < 1100; row++) expect((await lines.next()).done).toBe(false);
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
});

test("a folder without the part is a mistake before anything is read from standard input", async () => {
  const child = spawn(process.execPath, [main, "predict", model, "-", photos, "--part", "nowhere", "--csv"]);
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  expect(await once(child, "close")).toEqual([2, null]);
  expect(stderr).toContain(`${photos} has no folder "nowhere"`);
});

test("the names of lists are divided as well, and joined into Parquet with the columns of the table", async () => {
  const folder = await temporaryFolder();
  const listed = Array.from({ length: 8 }, (_, i) => join(photos, `${i % 3}`, `=photo ${i}, "best".png`));
  const [text, csv, parts] = [join(folder, "names.txt"), join(folder, "names.csv"), join(folder, "parts")];
  await writeFile(text, `${listed.slice(0, 4).join("\n")}\n`);
  await writeFile(
    csv,
    `n,place\n${listed
      .slice(4)
      .map((name, i) => `${i},"${name.replaceAll('"', '""')}"\n`)
      .join("")}`,
  );
  for (const shard of ["1/2", "2/2"]) expect(thaw("predict", model, "--list", text, "--shard", shard, "--out", parts).status).toBe(0);
  expect(thaw("join", parts).stdout).toContain("4 photographs");
  const rest = thaw("predict", model, "--list", csv, "--column", "place", "--json");
  expect(
    rest.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).file),
  ).toEqual(listed.slice(4));
  expect(thaw("predict", model, "--list", csv, "--column", "place").stdout).toContain("=photo 7");

  const [table, parquet] = [join(folder, "all.csv"), join(folder, "all.parquet")];
  const both = join(folder, "both");
  expect(thaw("predict", model, photos, "--out", both).status).toBe(0);
  const joined = thaw("join", both, "--csv", table, "--parquet", parquet);
  expect([joined.status, joined.stdout]).toEqual([0, expect.stringContaining(`${table} and ${parquet}`)]);
  const { buffer, byteOffset, byteLength } = await readFile(parquet);
  const rows = await parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer });
  const lines = (await readFile(table, "utf8")).trimEnd().split("\n").slice(1);
  const cell = (value: unknown) => (value === null ? "" : `${value}`);
  expect(rows).toHaveLength(13);
  for (const [i, row] of rows.entries()) {
    expect(Object.keys(row)).toEqual(["file", "class", "probability", "error"]);
    const tail = [row.class, row.probability, row.error].map(cell).join(",");
    expect(lines[i]).toContain(`,${tail}`);
  }
  expect(rows.filter(({ error }) => error !== null).map(({ probability }) => probability)).toEqual([null]);
});

test("a scheduler says which shard it is", async () => {
  const parts = join(await temporaryFolder(), "parts");
  process.env.AWS_BATCH_JOB_ARRAY_INDEX = "0";
  process.env.AWS_BATCH_JOB_ARRAY_SIZE = "1";
  const { stdout } = thaw("predict", model, photos, "--shard", "auto", "--out", parts);
  delete process.env.AWS_BATCH_JOB_ARRAY_INDEX;
  delete process.env.AWS_BATCH_JOB_ARRAY_SIZE;
  expect(stdout).toMatch(
    /^Shard 1 of 1: 13 photographs in 1 part, 1 unreadable, in .*parts\.\nWhen all shards are done, join them:\n\n {2}npx thaw join .*parts --csv all\.csv\n$/,
  );
});

test.each([
  [["--shard", "2/3"], "--shard needs a folder for its parts"],
  [["--shard", "4/3", "--out", "parts"], "a shard of all, such as 2/3"],
  [["--csv", "--out", "parts"], "--csv prints, and --out writes parts"],
  [["--list", "none.parquet"], "The list none.parquet does not exist"],
  [["--column", "path"], "--column is a column of --list"],
])("thaw predict %j is a mistake that is named", (args, message) => {
  const { status, stderr } = thaw("predict", model, photos, ...args);
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test("a command without photographs says how to name them", () => {
  const { status, stderr } = thaw("predict", model);
  expect([status, stderr]).toEqual([2, expect.stringContaining("or a list of them with --list")]);
});
