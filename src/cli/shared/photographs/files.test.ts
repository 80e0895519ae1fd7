// Files and folders of a command line, on folders made for it.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { namesOnInput, photographsIn } from "./files.ts";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const findPhotographs = (...args: Parameters<typeof photographsIn>) => all(photographsIn(...args));

function folderWith(...files: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), "files-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
  return root;
}

test("a folder stands for the images in and below it, sorted, without hidden ones and other files", async () => {
  const root = folderWith("b.JPG", "a/z.png", "a/y.webp", "notes.txt", ".hidden/c.jpg", ".d.jpg");
  const found = await findPhotographs([root]);
  expect(found).toEqual(["a/y.webp", "a/z.png", "b.JPG"].map((name) => ({ file: join(root, name) })));
});

test("linked folders are followed, circles end, and what is left out is told", async () => {
  const root = folderWith("album/1.jpg", "elsewhere/2.jpg", "album/3.heic");
  symlinkSync(join(root, "elsewhere"), join(root, "album/more"));
  symlinkSync(join(root, "album"), join(root, "elsewhere/round"));
  const warnings: string[] = [];
  const found = await findPhotographs([join(root, "album")], ({ message }) => warnings.push(message));
  expect(found).toEqual(["1.jpg", "more/2.jpg"].map((name) => ({ file: join(root, "album", name) })));
  expect(warnings).toEqual([expect.stringContaining("1 file of type .heic is left out"), "1 link is not followed, the first more/round"]);
});

test("a name that is not UTF-8 is called so", async () => {
  const root = folderWith("a.jpg");
  const [, broken] = await findPhotographs([join(root, "a.jpg"), join(root, "caf\ufffd.jpg")]);
  expect(broken?.error).toBe("its name is not UTF-8: rename it");
});

test("a file is taken whatever its name, in the order given", async () => {
  const root = folderWith("b.jpg", "a.txt");
  const paths = [join(root, "b.jpg"), join(root, "a.txt")];
  expect(await findPhotographs(paths)).toEqual(paths.map((file) => ({ file })));
});

test("a path that leads nowhere and an empty folder keep their places, with the reason", async () => {
  const root = folderWith("a.jpg", "empty/.keep");
  const paths = [join(root, "nowhere.jpg"), join(root, "empty"), join(root, "a.jpg"), join(root, "a.jpg", "b.jpg")];
  expect((await findPhotographs(paths)).map(({ error }) => error)).toEqual([
    "no such file or folder",
    "no images in this folder",
    undefined,
    "no such file or folder",
  ]);
});

test("nothing but folders without images is a mistake", async () => {
  const root = folderWith("empty/.keep");
  const path = join(root, "empty");
  await expect(findPhotographs([path])).rejects.toMatchObject({
    name: "UsageError",
    message: `There are no images in ${path}`,
    hint: "Name photographs, or folders that hold them.",
  });
});

test("an empty folder between others is told when it is met", async () => {
  const root = folderWith("a.jpg", "empty/.keep");
  const told: string[] = [];
  const paths = (async function* () {
    for (const name of ["a.jpg", "empty", "a.jpg"]) {
      told.push(`asked for ${name}`);
      yield join(root, name);
    }
  })();
  for await (const { error } of photographsIn(paths)) told.push(error ?? "found");
  expect(told).toEqual(["asked for a.jpg", "found", "asked for empty", "no images in this folder", "asked for a.jpg", "found"]);
});

test("a dash stands for the names on standard input, one on each line, as they come", async () => {
  let pieces = 0;
  const input = async function* () {
    for (const piece of ["a b.jpg\nal", "bum\r\n\n", "c.jpg"]) {
      pieces++;
      yield piece;
    }
  };
  const names = namesOnInput(["first.jpg", "-"], input);
  expect([await names.next(), pieces]).toEqual([{ value: "first.jpg", done: false }, 0]);
  expect([await names.next(), pieces]).toEqual([{ value: "a b.jpg", done: false }, 1]);
  expect(await all(names)).toEqual(["album", "c.jpg"]);
});
