// Links in data sets: followed once, never in circles, and what is passed by is said.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { UsageError } from "../../core/errors.ts";
import type { Warning } from "../../core/progress.ts";
import { files } from "../files/files.node.ts";
import { FolderReader, foldersIn } from "./folder-reader.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

function folderOf(...files: string[]): string {
  const root = mkdtempSync(join(tmpdir(), "thaw-links-"));
  made.push(root);
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
  return root;
}

async function read(root: string, folder: string): Promise<[string[], string[]]> {
  const reader = new FolderReader(files.tree(root));
  const names = (await reader.images(folder, 0)).map(({ name }) => name);
  const warnings: Warning[] = [];
  reader.report((warning) => warnings.push(warning));
  return [names, warnings.map(({ message }) => message)];
}

test("a link to a folder elsewhere is followed, each folder once", async () => {
  const root = folderOf("cats/1.jpg", "more/deep/2.jpg", "more/3.jpg");
  symlinkSync(join(root, "more"), join(root, "cats/more"));
  symlinkSync(join(root, "more/deep"), join(root, "cats/zdeep"));
  expect(await read(root, "cats")).toEqual([
    ["cats/1.jpg", "cats/more/3.jpg", "cats/more/deep/2.jpg"],
    ["1 link is not followed, the first cats/zdeep"],
  ]);
});

test("links in circles end, and links that lead nowhere are named", async () => {
  const root = folderOf("cats/1.jpg", "dogs/2.jpg");
  symlinkSync(join(root, "dogs"), join(root, "cats/dogs"));
  symlinkSync(join(root, "cats"), join(root, "dogs/cats"));
  symlinkSync(root, join(root, "cats/all"));
  symlinkSync("self", join(root, "cats/self"));
  symlinkSync(join(root, "gone.jpg"), join(root, "cats/gone.jpg"));
  expect(await read(root, "cats")).toEqual([
    ["cats/1.jpg", "cats/dogs/2.jpg"],
    ["2 links lead nowhere, the first cats/gone.jpg", "2 links are not followed, the first cats/all"],
  ]);
});

test("a path that cannot be a folder's is refused", async () => {
  for (const path of ["a\0b", "x".repeat(5000)])
    await expect(foldersIn(files.tree(path), "")).rejects.toThrow("is not the path of a folder");
});

test("whatever the links, every image in the folder comes once, and reading ends", async () => {
  const place = fc.constantFrom("a", "a/b", "a/b/c", "d", "d/e", "a/f", "");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(place, place), { maxLength: 12 }), async (links) => {
      const root = folderOf("a/1.jpg", "a/b/2.jpg", "a/b/c/3.jpg", "a/f/4.jpg", "d/5.jpg", "d/e/6.jpg");
      for (const [i, [from, to]] of links.entries()) symlinkSync(join(root, to), join(root, from, `link${i}`));
      const [names] = await read(root, "a").catch((error: unknown) => {
        if (!(error instanceof UsageError)) throw error;
        return [[]];
      });
      const real = names.map((name) => realpathSync(join(root, name)));
      expect(new Set(real).size).toBe(real.length);
      for (const name of ["a/1.jpg", "a/b/2.jpg", "a/b/c/3.jpg", "a/f/4.jpg"]) expect(names).toContain(name);
    }),
    { numRuns: 60 },
  );
});
