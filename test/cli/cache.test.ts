// `thaw cache` through the built command: what it lists, and that it deletes nothing but what thaw wrote.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { listActivations } from "../../src/index.ts";
import { counting, numbered, opened } from "../fixtures/synthetic.ts";
import { temporaryFolder } from "../learner/tiny.ts";
import { main, thaw } from "./command.ts";

const DAY = 86_400_000;
let root: string;
let photos: string;
let entries: string;
/** The entries of 600 training images and of a view of 40 validation images. */
let train: string;
let valid: string;

beforeEach(async () => {
  root = await temporaryFolder();
  photos = join(root, "pets");
  const cache = join(root, ".thaw", "pets");
  entries = join(cache, "activations");
  const metadata = { data: photos, network: "mobilenet_v2", group: 2, stage: "head.pool", mean: [0], std: [1] } as const;
  await opened(cache, numbered(600), counting([4]), { metadata: { ...metadata, part: "train", precision: "int8" } });
  train = join(entries, (await readdir(entries))[0] as string);
  const draw = { seed: 1, purpose: "tta", epoch: 1 };
  await opened(cache, numbered(40), counting([4]), { metadata: { ...metadata, part: "valid", precision: "fp32" }, draw });
  valid = join(entries, (await readdir(entries)).find((name) => !train.endsWith(name)) as string);
});

test("it lists what is kept, for what, how much of it is done, what it takes and when it was used", async () => {
  await utimes(join(valid, "zarr.json"), (Date.now() - 3 * DAY) / 1000, (Date.now() - 3 * DAY) / 1000);
  await utimes(join(valid, "files.sha256"), 0, 0);
  await cp(join(train, "c.2.0"), join(train, "c.1.0.77"));
  spawnSync("rm", [join(train, "c.1.0")]);
  const { status, stdout, stderr } = thaw("cache", photos);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(
    stdout
      .replace(/^[0-9a-f]{8}/gm, "xxxxxxxx")
      .replace(/[ \d.]{5}kB/g, " ... kB")
      .replace(/, \d+ kB/, ", ... kB"),
  ).toBe(`entry     data  images              network              cut             size        done   takes        last used
xxxxxxxx  pets  training            mobilenet_v2, 8 bit  before group 2     1  344 of 600  ... kB  within the hour
xxxxxxxx  pets  validation, view 2  mobilenet_v2         before group 2     1          40  ... kB       3 days ago

2 entries, ... kB. --clear deletes what is listed; a run that needs it computes it again.
`);
});

test("without a folder it finds the caches of all photographs here, for programs too", async () => {
  await cp(join(root, ".thaw", "pets"), join(root, ".thaw", "birds"), { recursive: true });
  const { stdout } = spawnSync(process.execPath, [main, "cache", "--json"], { cwd: root, encoding: "utf8" });
  const { entries: listed, bytes, cleared } = JSON.parse(stdout);
  expect(listed).toHaveLength(4);
  expect(bytes).toBe(listed.reduce((sum: number, entry: { bytes: number }) => sum + entry.bytes, 0));
  expect(cleared).toBe(false);
  expect(listed[0]).toMatchObject({ network: "mobilenet_v2", group: 2, used: expect.stringMatching(/^20\d\d-.*Z$/) });
});

test("--clear deletes what is listed: by entry, by age, or all", async () => {
  for (const name of ["zarr.json", "files.sha256"]) await utimes(join(valid, name), 1e9, 1e9);
  expect(thaw("cache", photos, "--older-than", "4000w", "--clear").stdout).toBe("No entry matches (2 in the cache).\n");
  expect(thaw("cache", photos, "--older-than", "2w", "--clear").stdout).toMatch(/^Deleted 1 entry, \d\.\d kB, from /);
  expect(existsSync(valid)).toBe(false);
  await opened(join(root, ".thaw", "pets"), numbered(50), counting([4]));
  const key = JSON.parse(thaw("cache", photos, "--json").stdout).entries.find(({ images }: { images: number }) => images === 50).id;
  expect(thaw("cache", photos, "--clear", "--entry", key).status).toBe(0);
  expect(await readdir(entries)).toHaveLength(1);
  expect(thaw("cache", "--clear", "--cache", join(root, ".thaw", "pets")).stdout).toMatch(/^Deleted 1 entry, /);
  expect(await readdir(entries)).toEqual([]);
  // What is not there any more is computed again.
  const frozen = counting([4]);
  await opened(join(root, ".thaw", "pets"), numbered(600), frozen);
  expect(frozen.images).toBe(600);
});

test("what is not thaw's stays: files beside and inside entries, links, folders of other names", async () => {
  const precious = join(root, "precious");
  await mkdir(precious);
  await writeFile(join(precious, "c.0.0"), "mine");
  await symlink(precious, join(entries, `${"a".repeat(64)}.zarr`));
  await writeFile(join(entries, "notes.txt"), "mine");
  await mkdir(join(entries, "results.zarr"));
  await writeFile(join(entries, "results.zarr", "zarr.json"), "{}");
  await writeFile(join(train, "plot.png"), "mine");
  await mkdir(join(train, "c.9.0"));
  await symlink(join(precious, "c.0.0"), join(train, "c.8.0"));
  const { status, stdout } = thaw("cache", photos, "--clear");
  expect(status).toBe(1);
  expect(stdout).toContain(`${train} holds something that is not thaw's, which stays\n`);
  expect(await readFile(join(precious, "c.0.0"), "utf8")).toBe("mine");
  expect((await readdir(train)).toSorted()).toEqual(["c.8.0", "c.9.0", "plot.png"]);
  expect((await readdir(entries)).toSorted()).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}\.zarr$/),
    expect.stringMatching(/^[0-9a-f]{64}\.zarr$/),
    "notes.txt",
    "results.zarr",
  ]);
});

test("metadata that are not thaw's, or lie, make an entry of which nothing is known", async () => {
  const metadata = join(valid, "zarr.json");
  for (const text of ["", "null", '{"shape":[-1]}', `{"shape":[${"1,".repeat(9)}1]}`, "x".repeat(1_100_000)]) {
    await writeFile(metadata, text);
    const found = (await listActivations(join(root, ".thaw", "pets"))).find(({ path }) => path === valid);
    expect(found).toMatchObject({ metadata: undefined, images: 0, done: 0 });
  }
  expect(thaw("cache", photos).stdout).toContain("  –     unfinished");
  const { attributes, ...rest } = JSON.parse(await readFile(join(train, "zarr.json"), "utf8"));
  const thawAttribute = { ...attributes.thaw, data: "/x/\u001b[31mred", network: "a\nb" };
  await writeFile(metadata, JSON.stringify({ ...rest, shape: [40, 4], attributes: { thaw: thawAttribute } }));
  expect(thaw("cache", photos).stdout).toContain("  red   training  a?b, 8 bit");
});

test("mistakes are named with their cure", () => {
  expect(thaw("cache", photos, "--older-than", "soon")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(
      'Expected a number of hours, days or weeks, such as 12h, 30d or 2w for --older-than but received "soon"',
    ),
  });
  expect(thaw("cache", photos, "--entry", "zzz")).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/"zzz" is no entry of the cache\nhint: Entries: [0-9a-f]{8}, [0-9a-f]{8}\./),
  });
  expect(thaw("cache", join(root, "nothing")).stdout).toBe(`No activations in ${join(root, ".thaw", "nothing")}\n`);
});
