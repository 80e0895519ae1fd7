// Runs the JavaScript of a page of the documents as a user would: in a folder of its own that has thaw installed.

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { drawSample } from "../../src/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The blocks of JavaScript in `page`, a path from the repository's root. */
export async function blocksOf(page: string): Promise<readonly string[]> {
  const text = await readFile(join(root, page), "utf8");
  return [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code as string);
}

/** `text` with each of `changes` made in it; fails if it does not hold what is to be changed. */
export function changed(text: string, changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((now, [from, to]) => {
    expect(now).toContain(from);
    return now.replace(from, to);
  }, text);
}

/** A new folder that has thaw installed, and those of its dependencies that `others` names. */
export async function folderWithThaw(others: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "thaw-page-"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules/thaw"), "junction");
  for (const name of others) await symlink(join(root, "node_modules", name), join(folder, "node_modules", name), "junction");
  return folder;
}

/** What the program of a page works on: `count` sample photographs of each class in `data`, or what `prepare` makes in the folder. */
type PageData = { data: string; count: number } | { prepare: (folder: string) => Promise<void> };

/**
 * Runs the JavaScript of `page`, put together in its order; `smaller` replaces text of the page so that the test is quick. Gives what it
 * printed, and the folder with the files it left.
 */
export async function runPage(
  page: string,
  { smaller, ...given }: PageData & { smaller: readonly (readonly [string, string])[] },
): Promise<{ stdout: string; folder: string; files: readonly string[] }> {
  const folder = await folderWithThaw();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  if ("prepare" in given) await given.prepare(folder);
  else await drawSample({ folder: join(folder, given.data), count: given.count });
  await writeFile(join(folder, "page.mjs"), changed((await blocksOf(page)).join("\n"), smaller));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["page.mjs"], { cwd: folder, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return { stdout, folder, files: await readdir(folder) };
}
