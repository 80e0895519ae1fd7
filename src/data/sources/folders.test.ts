// Folder layouts: what is read, in which order, and what each mistake is told. Files need names only, so they are empty here.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { UsageError } from "../../core/errors.ts";
import type { Warning } from "../../core/progress.ts";
import { splitItems } from "../dataset/items.ts";
import { READ_FORMATS } from "../decode/file-names.ts";
import { type FolderOptions, readFolders } from "./folders.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

function folderOf(...files: string[]): string {
  const root = mkdtempSync(join(tmpdir(), "thaw-folders-"));
  made.push(root);
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    if (file.endsWith("/")) mkdirSync(join(root, file), { recursive: true });
    else writeFileSync(join(root, file), "");
  }
  return root;
}

async function mistakeOf(path: string, options?: FolderOptions): Promise<{ message: string; hint: string | undefined }> {
  const error: unknown = await readFolders(path, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UsageError)) throw error ?? new Error("It was read");
  return { message: error.message.replaceAll(path, "DATA"), hint: error.hint };
}

const PETS = ["train/cats/1.jpg", "train/dogs/1.jpg", "valid/cats/2.jpg", "valid/dogs/2.jpg"];

describe("a data set in folders", () => {
  test("is read from train and valid, sorted, with labels by class name", async () => {
    const root = folderOf(
      "train/dogs/b.jpg",
      "train/dogs/a.PNG",
      "train/cats/10.jpg",
      "train/cats/9.jpeg",
      "valid/dogs/c.webp",
      "valid/cats/d.tif",
    );
    const { classes, train, valid, test: tests } = await readFolders(root);
    expect(classes).toEqual(["cats", "dogs"]);
    expect(train.map(({ name, label }) => [name, label])).toEqual([
      ["train/cats/10.jpg", 0],
      ["train/cats/9.jpeg", 0],
      ["train/dogs/a.PNG", 1],
      ["train/dogs/b.jpg", 1],
    ]);
    expect(valid.map(({ name, label }) => [name, label])).toEqual([
      ["valid/cats/d.tif", 0],
      ["valid/dogs/c.webp", 1],
    ]);
    expect(train[0]!.file).toBe(join(root, "train", "cats", "10.jpg"));
    expect(tests).toEqual([]);
  });

  test("is split where it has no validation folder", async () => {
    const files = (name: string) => Array.from({ length: 10 }, (_, index) => `${name}/${index}.jpg`);
    for (const prefix of ["", "train/"]) {
      const { train, valid } = await readFolders(folderOf(...files(`${prefix}a`), ...files(`${prefix}b`)));
      for (const label of [0, 1]) {
        expect(train.filter((item) => item.label === label)).toHaveLength(8);
        expect(valid.filter((item) => item.label === label)).toHaveLength(2);
      }
    }
  });

  test("may use other names", async () => {
    const { train, valid } = await readFolders(folderOf("learn/a/1.jpg", "learn/b/1.jpg", "check/a/2.jpg", "check/b/2.jpg"), {
      trainName: "learn",
      validName: "check",
    });
    expect([train.length, valid.length]).toEqual([2, 2]);
  });

  test("leaves out hidden files and folders, counts what belongs beside images, and warns of what it cannot use", async () => {
    const warnings: Warning[] = [];
    const extra = [
      "train/.git/x.jpg",
      "train/cats/.DS_Store",
      "train/cats/notes.txt",
      "train/dogs/labels.JSON",
      "train/dogs/old.psd",
      "valid/dogs/new.psd",
      "valid/dogs/x.heic",
      "train/readme.md",
    ];
    const { classes, train, valid, ignored } = await readFolders(folderOf(...PETS, ...extra), {
      onWarning: (warning) => warnings.push(warning),
    });
    expect(classes).toEqual(["cats", "dogs"]);
    expect([train.length, valid.length, ignored]).toEqual([2, 2, 2]);
    expect(warnings.map(({ message }) => message)).toEqual([
      `2 files of type .psd are left out: thaw reads ${READ_FORMATS}`,
      `1 file of type .heic is left out: thaw reads ${READ_FORMATS}`,
    ]);
  });

  test("may hold folders inside a class, files without extension, and links", async () => {
    const root = folderOf(...PETS, "train/cats/2019/may/3.jpg", "train/cats/4");
    symlinkSync(join(root, "train/dogs"), join(root, "train/wolves"));
    symlinkSync(join(root, "valid/dogs"), join(root, "valid/wolves"));
    symlinkSync(join(root, "train/dogs/1.jpg"), join(root, "train/cats/5.jpg"));
    symlinkSync(join(root, "gone.jpg"), join(root, "train/cats/6.jpg"));
    symlinkSync(join(root, "train"), join(root, "train/cats/round"));
    const { classes, train } = await readFolders(root);
    expect(classes).toEqual(["cats", "dogs", "wolves"]);
    expect(train.map(({ name }) => name)).toEqual([
      "train/cats/1.jpg",
      "train/cats/2019/may/3.jpg",
      "train/cats/4",
      "train/cats/5.jpg",
      "train/dogs/1.jpg",
      "train/wolves/1.jpg",
    ]);
  });

  test("may have a test folder, flat or of classes", async () => {
    const flat = await readFolders(folderOf(...PETS, "test/2.jpg", "test/1.jpg"), { testName: "test" });
    expect(flat.test.map(({ name, label }) => [name, label])).toEqual([
      ["test/1.jpg", -1],
      ["test/2.jpg", -1],
    ]);
    const labelled = await readFolders(folderOf("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg", "test/b/1.jpg"), { testName: "test" });
    expect(labelled.classes).toEqual(["a", "b"]);
    expect(labelled.test.map(({ name, label }) => [name, label])).toEqual([["test/b/1.jpg", 1]]);
  });
});

describe("a mistake in the layout is told with its cure", () => {
  const layout =
    "Put the images of each class into a folder of their own: " +
    "<folder>/train/<class>/ and <folder>/valid/<class>/, or simply <folder>/<class>/.";

  test.each<[string, string[], string, string, FolderOptions?]>([
    ["no class folders", ["1.jpg", "2.jpg"], "The folder DATA has no class folders", layout],
    ["one class", ["cats/1.jpg"], 'The folder DATA has only one class, "cats"; at least two are needed to tell apart', layout],
    [
      "one class in train",
      ["train/cats/1.jpg", "valid/cats/1.jpg"],
      'The folder DATA/train has only one class, "cats"; at least two are needed to tell apart',
      layout,
    ],
    [
      "valid alone",
      ["valid/cats/1.jpg", "valid/dogs/1.jpg"],
      'The folder DATA has "valid" but no "train"',
      `${layout} If all other folders are classes to train on, name their folder: --train .`,
    ],
    [
      "an empty class",
      [...PETS, "train/birds/", "valid/birds/1.jpg"],
      'The class "birds" has no training images in DATA',
      "Add images of it, or take its folder away.",
    ],
    [
      "a class of other files",
      ["a/1.jpg", "a/2.jpg", "b/1.txt"],
      'The class "b" has no images in DATA',
      "Add images of it, or take its folder away.",
    ],
    [
      "a class of photographs that are not read",
      ["a/1.jpg", "a/2.jpg", "b/1.HEIC", "b/deep/2.HEIC", "b/x.mov"],
      `The class "b" has no images in DATA: 2 files of type .heic are left out, because thaw reads ${READ_FORMATS}`,
      "If they are pictures, convert them to JPEG or PNG, for example with ImageMagick: magick mogrify -format jpg *.HEIC",
    ],
    [
      "a class only in validation",
      [...PETS, "valid/birds/1.jpg"],
      'The class "birds" is in valid but not in train',
      "Give it a folder of images in train, or take it out of valid.",
    ],
    [
      "a class missing from validation",
      [...PETS, "train/birds/1.jpg"],
      'The class "birds" has no validation images in DATA',
      "Add images of it, or take its folder away.",
    ],
    [
      "a class of one image that must be split",
      ["a/1.jpg", "a/2.jpg", "b/1.jpg"],
      'The class "b" has only one image, which cannot be both learnt from and checked on',
      "Add images of it, or take the class out.",
    ],
    ["a missing test folder", PETS, 'The folder DATA has no folder "test"', "It has: train, valid.", { testName: "test" }],
    [
      "an empty test folder",
      [...PETS, "test/"],
      "The test folder DATA/test has no images",
      "Put images into it, or name no test folder.",
      { testName: "test" },
    ],
    [
      "a fraction of 1",
      ["a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"],
      "Expected a number between 0 and 1 for validFraction but received 1",
      "0.2 keeps a fifth of the images for validation.",
      { validFraction: 1 },
    ],
  ])("%s", async (_, files, message, hint, options) => {
    expect(await mistakeOf(folderOf(...files), options)).toEqual({ message, hint });
  });

  test("a folder that does not exist", async () => {
    expect((await mistakeOf("/nowhere/pets")).message).toBe("The folder DATA does not exist");
  });

  // The superuser may read everything.
  test.skipIf(process.getuid?.() === 0 || process.platform === "win32")("a folder that may not be read", async () => {
    const root = folderOf(...PETS);
    chmodSync(join(root, "train/cats"), 0);
    const { message } = await mistakeOf(root);
    chmodSync(join(root, "train/cats"), 0o700);
    expect(message).toBe("The folder DATA/train/cats cannot be read: no permission");
  });

  test("a file in place of the folder", async () => {
    const file = join(folderOf("pets.zip"), "pets.zip");
    expect(await mistakeOf(file)).toEqual({ message: "DATA is a file, not a folder", hint: layout });
  });
});

describe("the split", () => {
  const items = Array.from({ length: 1000 }, (_, index) => ({ file: `/${index}`, name: `c${index % 3}/${index}.jpg`, label: index % 3 }));

  test("takes the same share of every class and keeps the order", () => {
    const { train, valid } = splitItems(items, 0.2, 42);
    expect([0, 1, 2].map((label) => valid.filter((item) => item.label === label).length)).toEqual([67, 67, 67]);
    expect(train.length + valid.length).toBe(1000);
    expect(valid).toEqual(items.filter((item) => valid.includes(item)));
  });

  test("is this one for seed 42, on every machine", () => {
    expect(splitItems(items.slice(0, 30), 0.2, 42).valid.map(({ file }) => Number(file.slice(1)))).toMatchInlineSnapshot(`
      [
        6,
        13,
        19,
        20,
        21,
        23,
      ]
    `);
  });

  test("depends on the seed", () => {
    expect(splitItems(items, 0.2, 1).valid).not.toEqual(splitItems(items, 0.2, 2).valid);
  });

  test("hardly moves when a picture is added", () => {
    const before = new Set(splitItems(items, 0.2, 42).valid.map(({ name }) => name));
    const after = splitItems([...items, { file: "/new", name: "c0/new.jpg", label: 0 }], 0.2, 42).valid;
    expect(after.filter(({ name }) => !before.has(name)).length).toBeLessThanOrEqual(1);
  });

  test("leaves an image of every class on both sides, whatever the fraction", () => {
    const few = [0, 1, 2, 3].map((index) => ({ file: `/${index}`, name: `${index}.jpg`, label: index % 2 }));
    for (const fraction of [0.01, 0.99]) {
      const { train, valid } = splitItems(few, fraction, 42);
      expect(new Set(train.map(({ label }) => label)).size).toBe(2);
      expect(new Set(valid.map(({ label }) => label)).size).toBe(2);
    }
  });
});

test("whatever lies in a folder, it is read in order or refused with a message for people", async () => {
  const name = fc.constantFrom(
    "train",
    "valid",
    "cats",
    "dogs",
    "ü b",
    ".hidden",
    "1.jpg",
    "2.png",
    "x.txt",
    "no extension",
    "a%20b.jpg",
    "'quoted'.gif",
    "…",
  );
  const paths = fc.array(
    fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/")),
    { maxLength: 14 },
  );
  await fc.assert(
    fc.asyncProperty(paths, async (files) => {
      // A path that runs through a file of another path cannot be made, so it is left out.
      const root = folderOf();
      for (const file of files) {
        try {
          mkdirSync(dirname(join(root, file)), { recursive: true });
          writeFileSync(join(root, file), "");
        } catch {}
      }
      try {
        const { classes, train, valid } = await readFolders(root);
        expect(classes.length).toBeGreaterThan(1);
        for (const part of [train, valid]) {
          expect(new Set(part.map(({ label }) => label)).size).toBe(classes.length);
          expect(part.every(({ name: path }) => !path.split("/").some((segment) => segment.startsWith(".")))).toBe(true);
        }
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        expect(error.hint).toBeTruthy();
      }
    }),
    { numRuns: 60, seed: 4 },
  );
});
