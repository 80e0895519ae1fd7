// Links in data sets: followed once, never in circles, and what is passed by is said.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { UsageError } from "../../core/errors.ts";
import type { Warning } from "../../core/progress.ts";
import { READ_FORMATS } from "../decode/file-names.ts";
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

test("files of a system's own, and texts without extension, are no photographs", async () => {
  const root = folderOf(
    "cats/@eaDir/1.jpg/SYNOPHOTO_THUMB_XL.jpg",
    "cats/__MACOSX/2.jpg",
    "cats/._3.jpg",
    "cats/.git/4.jpg",
    "cats/#recycle/5.jpg",
    "cats/$RECYCLE.BIN/6.jpg",
    "cats/Thumbs.db",
    "cats/.DS_Store",
    "cats/desktop.ini",
    "cats/README",
    "cats/LICENSE",
    "cats/page",
    "cats/photo",
    "cats/empty",
  );
  writeFileSync(join(root, "cats/README"), "Photographs of cats, naïve ones too.\r\n");
  writeFileSync(join(root, "cats/LICENSE"), "CC0\n\f");
  writeFileSync(join(root, "cats/page"), "<html>");
  writeFileSync(join(root, "cats/photo"), "\xff\xd8\xff", "latin1");
  // A web page saved in the place of a picture is a picture that cannot be read, and must be named as one.
  expect(await read(root, "cats")).toEqual([["cats/empty", "cats/page", "cats/photo"], []]);
});

test("a name that is not UTF-8 is told, and a class of such a name is refused", async () => {
  const root = folderOf("cats/1.jpg", "cats/\ufffd.jpg");
  const latin1 = (name: string) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, "latin1")]);
  try {
    writeFileSync(latin1("cats/é.jpg"), "");
  } catch {
    return; // A file system that has only names in UTF-8.
  }
  expect(await read(root, "cats")).toEqual([
    ["cats/1.jpg", "cats/\ufffd.jpg"],
    ["1 file or folder is left out because its name is not UTF-8, the first cats/\ufffd.jpg"],
  ]);
  mkdirSync(latin1("chaussée"));
  await expect(foldersIn(files.tree(root), "")).rejects.toMatchObject({
    name: "UsageError",
    message: `The name of the folder "chauss\ufffde" in ${root} is not UTF-8`,
    hint: expect.stringContaining("convmv"),
  });
});

test("files of kinds that are not read are counted by kind, each with what to do", async () => {
  const root = folderOf("cats/1.HEIC", "cats/2.heic", "cats/clip.mov", "cats/3.jpg");
  const reader = new FolderReader(files.tree(root));
  await reader.images("cats", 0);
  const warnings: Warning[] = [];
  reader.report((warning) => warnings.push(warning));
  expect(warnings).toEqual([
    {
      message: `2 files of type .heic are left out: thaw reads ${READ_FORMATS}`,
      hint: "If they are pictures, convert them to JPEG or PNG, for example with ImageMagick: magick mogrify -format jpg *.HEIC",
    },
    {
      message: `1 file of type .mov is left out: thaw reads ${READ_FORMATS}`,
      hint: "Take single pictures out of films, for example one a second with FFmpeg: ffmpeg -i film.mov -r 1 film-%04d.jpg",
    },
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
