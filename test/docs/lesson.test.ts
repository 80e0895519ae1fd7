// The page that sets fastai's first lesson beside thaw: its JavaScript, put together, runs as a person would run it.

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { drawSample } from "../../src/index.ts";

const page = fileURLToPath(new URL("../../docs/lesson.md", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

test("the lesson's lines are one program that trains, looks at its results and saves a classifier", async () => {
  const folder = await mkdtemp(join(tmpdir(), "thaw-lesson-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await drawSample({ folder: join(folder, "data/dogscats"), count: 12 });
  const blocks = [...(await readFile(page, "utf8")).matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);
  // Small pictures, so that the test is quick.
  const program = blocks.join("\n").replace("const sz = 224;", "const sz = 64;");
  expect(program).toContain("const sz = 64;");
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "lesson.mjs"), program);
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules/thaw"), "junction");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["lesson.mjs"], { cwd: folder, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.match(/^\d+ [\d.]+ [\d.]+ [01]\.\d{4}$/gm)).toHaveLength(15);
  expect(stdout).toMatch(/^with test-time augmentation [01]/m);
  expect(await readdir(folder)).toEqual(
    expect.arrayContaining(["lr-find.svg", "rates.svg", "confusion.svg", "224-last-layer", "dogscats-model"]),
  );
}, 120_000);
