// Which folders are parts and which are classes, and what of it is told. Files need names only, so they are empty here.

import { expect, test } from "vitest";
import { memoryTree } from "../../../test/fixtures/memory-tree.ts";
import { type FolderOptions, readFolders } from "./folders.ts";

const CLASSES = ["cats", "dogs"];
const inFolder = (folder: string, count = 2) =>
  CLASSES.flatMap((name) => Array.from({ length: count }, (_, i) => `${folder}/${name}/${i}.jpg`));
const classOf = (name: string) => [`${name}/0.jpg`, `${name}/1.jpg`];

async function read(files: readonly string[], options: FolderOptions = {}) {
  const warnings: string[] = [];
  const tree = memoryTree(new Map(files.map((name) => [name, new Uint8Array()])));
  const found = await readFolders(tree, { ...options, onWarning: ({ message }) => warnings.push(message) });
  const foldersOf = (part: "train" | "valid" | "test") => [...new Set(found[part].map(({ name }) => name.split("/")[0]))].sort();
  return {
    classes: found.classes,
    train: foldersOf("train"),
    valid: foldersOf("valid"),
    test: foldersOf("test"),
    drawn: found.drawn,
    warnings,
  };
}

test("train, valid and test need no word, and a test folder is left out with one", async () => {
  const files = ["train", "valid", "test"].flatMap((part) => inFolder(part));
  const parts = { classes: CLASSES, train: ["train"], valid: ["valid"], drawn: false };
  expect(await read(files, { findTest: true })).toEqual({ ...parts, test: ["test"], warnings: [] });
  expect(await read(files)).toEqual({ ...parts, test: [], warnings: ['The folder "test" is taken for test images, and left out'] });
});

test.each([
  ["training", "validation", "testing"],
  ["trn", "val", "test"],
  ["Train", "Dev", "TEST"],
])("%s, %s and %s are parts, which is told", async (train, valid, tests) => {
  const found = await read(
    [train, valid, tests].flatMap((part) => inFolder(part)),
    { findTest: true },
  );
  expect(found).toEqual({
    classes: CLASSES,
    train: [train],
    valid: [valid],
    test: [tests],
    drawn: false,
    warnings: [
      `The folder "${train}" is taken for the training images`,
      `The folder "${valid}" is taken for the validation images`,
      ...(tests === "test" ? [] : [`The folder "${tests}" is taken for the test images`]),
    ],
  });
});

test("of several folders with usual names the most usual counts, and the other is named as left out", async () => {
  const files = ["train", "Train", "valid", "val"].flatMap((part) => inFolder(part));
  expect(await read(files)).toMatchObject({
    train: ["train"],
    valid: ["valid"],
    warnings: ['2 folders are left out, the first "Train": "train" has the training images'],
  });
});

test("a folder with pictures and no folders is a class, whatever it is called, and that is told unless it was said", async () => {
  const files = ["bus", "plane", "train", "valid"].flatMap(classOf);
  const classes = ["bus", "plane", "train", "valid"];
  const told = '"train", "valid" are taken for classes although called like a part of a data set';
  expect(await read(files)).toMatchObject({ classes, drawn: true, warnings: [told] });
  expect(await read(files, { trainName: "." })).toMatchObject({ classes, drawn: true, warnings: [] });
  // With folders in it, it would be a part; the user knows better.
  const deep = [...classOf("bus"), ...classOf("train/2019")];
  expect(await read(deep, { trainName: "." })).toMatchObject({ classes: ["bus", "train"] });
});

test("a test folder beside the classes is no class", async () => {
  const files = [...CLASSES.flatMap(classOf), ...inFolder("test")];
  expect(await read(files, { findTest: true })).toMatchObject({ classes: CLASSES, test: ["test"], warnings: [] });
  expect(await read(files)).toMatchObject({
    classes: CLASSES,
    test: [],
    warnings: ['The folder "test" is taken for test images, and left out'],
  });
});

test("parts without folders of classes are refused, not taken for classes", async () => {
  await expect(read([...classOf("train"), ...classOf("valid")])).rejects.toThrow("The folder memory/train has no class folders");
  await expect(read(inFolder("val"))).rejects.toThrow('The folder memory has "val" but no "train"');
});

test("classes in the folder itself can have validation images in a folder beside them", async () => {
  const files = [...CLASSES.flatMap(classOf), ...inFolder("val")];
  expect(await read(files, { trainName: ".", validName: "val" })).toMatchObject({
    classes: CLASSES,
    valid: ["val"],
    drawn: false,
    warnings: [],
  });
});

test("a named folder that is not there is refused, and the names that are there are told", async () => {
  for (const options of [{ trainName: "trian" }, { validName: "trian" }, { testName: "trian" }])
    await expect(read(inFolder("train"), options)).rejects.toMatchObject({
      message: 'The folder memory has no folder "trian"',
      hint: "It has: train.",
    });
});

test("images in no class folder, and parts within a class, are told", async () => {
  const files = [...inFolder("train", 3), ...inFolder("valid"), "train/0.jpg", "1.jpg", "train/cats/val/0.jpg"];
  expect((await read(files)).warnings).toEqual([
    "2 images lie in no class folder and are left out, the first 1.jpg",
    'The folder "train/cats/val" is called like a part, and counts as the class\'s own images',
  ]);
});

test("if all classes lie in one folder, that folder is named", async () => {
  await expect(read(inFolder("PetImages"))).rejects.toMatchObject({
    hint: "If cats, dogs are the classes, give the folder memory/PetImages.",
  });
});
