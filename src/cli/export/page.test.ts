// A page that is exported again: which files of the older one go.

import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { replacePage } from "./page.ts";

const FORMAT = "thaw predict page";
const OLD = ["assets/old.js", "index.html"];
let folder: string;
let site: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "thaw-page-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  site = join(folder, "site");
});

async function put(path: string, content = ""): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** A page that lists `own`, and some of its model. */
async function older(list: object = { format: FORMAT, own: OLD, large: [] }): Promise<void> {
  for (const name of [...OLD, "model/network.onnx", "others.txt"]) await put(join(site, name));
  await put(join(site, "files.json"), JSON.stringify(list));
}

/** Exports a page of one script and a model. */
function replace(): Promise<void> {
  const list = JSON.stringify({ format: FORMAT, own: ["assets/new.js", "index.html"], large: [] });
  const files = { "files.json": list, "index.html": "new", "assets/new.js": "", "model/model.json": "{}" };
  return replacePage(site, new Map(Object.entries(files).map(([name, content]) => [join(site, name), content])));
}

async function names(): Promise<readonly string[]> {
  const entries = await readdir(site, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(site.length + 1))
    .sort();
}

const NEW = ["assets/new.js", "files.json", "index.html", "model/model.json"];

test("only the files of the older page go", async () => {
  await older();
  await replace();
  expect(await names()).toEqual([...NEW, "others.txt"]);
});

test.each([
  ["without a mark", { own: OLD, large: [] }],
  ["with another one", { format: "thaw static page", own: OLD, large: [] }],
])("a list %s deletes nothing", async (_, list) => {
  await older(list);
  await replace();
  expect(await names()).toEqual([...NEW, "assets/old.js", "model/network.onnx", "others.txt"].sort());
});

test("files in a linked folder stay, also where the page is itself in one", async () => {
  const elsewhere = join(folder, "elsewhere");
  await older();
  await rm(join(site, "assets"), { recursive: true });
  await put(join(elsewhere, "old.js"));
  await symlink(elsewhere, join(site, "assets"));
  const real = site;
  site = join(folder, "link");
  await symlink(real, site);
  await replace();
  expect(await readdir(elsewhere)).toContain("old.js");
  expect(await readdir(join(real, "model"))).toEqual(["model.json"]);
});

test("what an interrupted export left, the next one deletes", async () => {
  await older();
  const inTheWay = join(site, "model/model.json");
  await mkdir(inTheWay);
  await expect(replace()).rejects.toThrow("model.json");
  expect(JSON.parse(await readFile(join(site, "files.json"), "utf8"))).toMatchObject({ own: OLD });
  await rm(inTheWay, { recursive: true });
  await replace();
  expect(await names()).toEqual([...NEW, "others.txt"]);
});
