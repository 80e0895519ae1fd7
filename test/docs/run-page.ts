// Runs the JavaScript of a page of the documents, put together in its order, as a person would: in a folder of its own that has thaw installed.

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { drawSample } from "../../src/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs docs/`page` on `count` sample photographs of each class in `data`; `smaller` replaces text of the page so that the test is quick. Gives what
 * it printed, and the names of the files it left.
 */
export async function runPage(
  page: string,
  { data, count, smaller }: { data: string; count: number; smaller: readonly (readonly [string, string])[] },
): Promise<{ stdout: string; files: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), "thaw-page-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await drawSample({ folder: join(folder, data), count });
  let program = [...(await readFile(join(root, "docs", page), "utf8")).matchAll(/^```js\n(.*?)^```$/gms)]
    .map(([, code]) => code)
    .join("\n");
  for (const [from, to] of smaller) {
    expect(program).toContain(from);
    program = program.replace(from, to);
  }
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "page.mjs"), program);
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules/thaw"), "junction");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["page.mjs"], { cwd: folder, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return { stdout, files: await readdir(folder) };
}
