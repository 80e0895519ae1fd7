// Reads a data set from folders: train/<class> and valid/<class>, or one folder of classes that is then split. Mistakes in the layout stop
// here.

import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UsageError } from "../core/errors.ts";
import { systemCode } from "../core/files.ts";
import type { WorkOptions } from "../core/progress.ts";
import { byText, extensionOf, type Item, kindOfFile, splitItems } from "./items.ts";

/** A data set as it lies in its folder. */
export interface Folders {
  /** Absolute path. */
  readonly path: string;
  /** Names of the classes, sorted; an item's label is an index into them. */
  readonly classes: readonly string[];
  readonly train: readonly Item[];
  readonly valid: readonly Item[];
  /** Empty where no test folder was named; label −1 where the images lie in no class folder. */
  readonly test: readonly Item[];
  /** Number of files that lay beside the images (text, tables and the like). */
  readonly ignored: number;
}

export interface FolderOptions extends Pick<WorkOptions, "onWarning"> {
  trainName?: string;
  validName?: string;
  testName?: string | undefined;
  /** Part of each class kept for validation where there is no validation folder; default 0.2. */
  validFraction?: number;
  seed?: number;
}

const LAYOUT =
  "Put the images of each class into a folder of their own: " +
  "<folder>/train/<class>/ and <folder>/valid/<class>/, or simply <folder>/<class>/.";

/**
 * Reads the items of a data set, sorted by name. Hidden files are ignored, and folders inside a class folder belong to the class. Throws a
 * UsageError for a folder that is missing or cannot be read, fewer than two classes, an empty class, and a class that only one of training
 * and validation has.
 */
export async function readFolders(path: string, options: FolderOptions = {}): Promise<Folders> {
  const { trainName = "train", validName = "valid", testName, validFraction = 0.2, seed = 42, onWarning } = options;
  const root = resolve(path);
  const top = await foldersIn(root, "");
  const reader = new FolderReader(root);
  if (top.includes(validName) && !top.includes(trainName)) {
    throw new UsageError(`The folder ${root} has "${validName}" but no "${trainName}"`, LAYOUT);
  }
  const split = top.includes(trainName);
  const classes = split ? await foldersIn(root, trainName) : top.filter((name) => name !== testName);
  checkClasses(classes, split ? join(root, trainName) : root);
  const all = await reader.labelled(split ? `${trainName}/` : "", classes);
  checkFilled(all, classes, split ? "training images" : "images", root);
  let parts: Pick<Folders, "train" | "valid">;
  if (split && top.includes(validName)) {
    const known = await foldersIn(root, validName);
    const stranger = known.find((name) => !classes.includes(name));
    if (stranger !== undefined) {
      throw new UsageError(
        `The class "${stranger}" is in ${validName} but not in ${trainName}`,
        `Give it a folder of images in ${trainName}, or take it out of ${validName}.`,
      );
    }
    const valid = await reader.labelled(
      `${validName}/`,
      classes.filter((name) => known.includes(name)),
      classes,
    );
    checkFilled(valid, classes, "validation images", root);
    parts = { train: all, valid };
  } else {
    const lonely = classes.find((_, label) => all.filter((item) => item.label === label).length < 2);
    if (lonely !== undefined)
      throw new UsageError(
        `The class "${lonely}" has only one image, which cannot be both learnt from and checked on`,
        "Add images of it, or take the class out.",
      );
    parts = splitItems(all, validFraction, seed);
  }
  const test = testName === undefined ? [] : await readTest(reader, testName, classes);
  reader.report(onWarning);
  return { path: root, classes, ...parts, test, ignored: reader.ignored };
}

async function readTest(reader: FolderReader, name: string, classes: readonly string[]): Promise<Item[]> {
  const folders = await foldersIn(reader.root, name);
  const labelled = folders.length > 0 && folders.every((folder) => classes.includes(folder));
  const items = labelled ? await reader.labelled(`${name}/`, folders, classes) : await reader.images(name, -1);
  if (items.length === 0)
    throw new UsageError(`The test folder ${join(reader.root, name)} has no images`, "Put images into it, or name no test folder.");
  return items;
}

// Counts what it passes by, over all the folders of one data set.
class FolderReader {
  readonly root: string;
  ignored = 0;
  private readonly unknown = new Map<string, number>();

  constructor(root: string) {
    this.root = root;
  }

  async labelled(prefix: string, folders: readonly string[], classes: readonly string[] = folders): Promise<Item[]> {
    const items: Item[] = [];
    for (const folder of folders) items.push(...(await this.images(`${prefix}${folder}`, classes.indexOf(folder))));
    return items;
  }

  async images(folder: string, label: number): Promise<Item[]> {
    const items: Item[] = [];
    for (const entry of await entriesOf(this.root, folder)) {
      const name = `${folder}/${entry.name}`;
      const file = join(this.root, ...name.split("/"));
      if (entry.isDirectory()) items.push(...(await this.images(name, label)));
      else if (entry.isFile() || (entry.isSymbolicLink() && (await isKind(file, "file")))) this.sort(items, { file, name, label });
    }
    return items.sort((a, b) => byText(a.name, b.name));
  }

  report(onWarning: FolderOptions["onWarning"]): void {
    for (const [extension, count] of this.unknown) {
      const files = count === 1 ? `1 file of type .${extension} is` : `${count} files of type .${extension} are`;
      onWarning?.({
        message: `${files} left out: thaw reads JPEG, PNG, WebP, GIF, AVIF and TIFF`,
        hint: "Convert them to JPEG or PNG to use them.",
      });
    }
  }

  private sort(items: Item[], item: Item): void {
    const kind = kindOfFile(item.name.slice(item.name.lastIndexOf("/") + 1));
    if (kind === "image") items.push(item);
    else if (kind === "other") this.ignored++;
    else this.unknown.set(extensionOf(item.name), (this.unknown.get(extensionOf(item.name)) ?? 0) + 1);
  }
}

function checkClasses(classes: readonly string[], folder: string): void {
  if (classes.length === 0) throw new UsageError(`The folder ${folder} has no class folders`, LAYOUT);
  if (classes.length === 1)
    throw new UsageError(`The folder ${folder} has only one class, "${classes[0]}"; at least two are needed to tell apart`, LAYOUT);
}

function checkFilled(items: readonly Item[], classes: readonly string[], what: string, root: string): void {
  const empty = classes.find((_, label) => !items.some((item) => item.label === label));
  if (empty !== undefined)
    throw new UsageError(`The class "${empty}" has no ${what} in ${root}`, "Add images of it, or take its folder away.");
}

async function foldersIn(root: string, folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await entriesOf(root, folder)) {
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await isKind(join(root, folder, entry.name), "folder")))) names.push(entry.name);
  }
  return names.sort(byText);
}

async function entriesOf(root: string, folder: string): Promise<Dirent[]> {
  const path = join(root, ...folder.split("/"));
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => !entry.name.startsWith("."));
  } catch (error) {
    const cause = { cause: error };
    const code = systemCode(error);
    if (code === "ENOENT")
      throw new UsageError(
        `The folder ${path} does not exist`,
        "Check the path; it is taken from the folder in which the program was started.",
        cause,
      );
    if (code === "ENOTDIR") throw new UsageError(`${path} is a file, not a folder`, LAYOUT, cause);
    if (code === "EACCES" || code === "EPERM")
      throw new UsageError(`The folder ${path} cannot be read: no permission`, "Change its permissions, or choose another folder.", cause);
    throw error;
  }
}

async function isKind(path: string, kind: "file" | "folder"): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return kind === "file" ? found?.isFile() === true : found?.isDirectory() === true;
}
