// Reads a data set from folders: train/<class> and valid/<class>, or one folder of classes that is then split. Mistakes in the layout stop
// here.

import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { ListedDataset } from "../dataset/dataset.ts";
import { type Item, splitItems } from "../dataset/items.ts";
import { type FileTree, LAYOUT } from "../files/file-tree.ts";
import { treeOf } from "../files/tree-of.ts";
import { FolderReader, foldersIn } from "./folder-reader.ts";

/** A data set as it lies in its folder. */
export interface Folders extends ListedDataset {
  readonly kind: "single";
  /** Number of files that lay beside the images (text, tables and the like). */
  readonly ignored: number;
}

export interface FolderOptions extends Pick<WorkOptions, "onWarning"> {
  trainName?: string;
  validName?: string;
  testName?: string | undefined;
  /** Whether the test folder holds class folders; default: if all its folders are named like classes. */
  testWithLabels?: boolean | undefined;
  /** Part of each class held out for validation if there is no validation folder; default 0.2. */
  validFraction?: number;
  seed?: number;
}

/**
 * Reads the items of a data set, sorted by name. Hidden files are ignored, and folders inside a class folder belong to the class. Throws a
 * UsageError for a folder that is missing or cannot be read, fewer than two classes, an empty class, and a class that only one of training
 * and validation has.
 */
export async function readFolders(path: string | FileTree, options: FolderOptions = {}): Promise<Folders> {
  const { trainName = "train", validName = "valid", testName, testWithLabels, validFraction = 0.2, seed = 42, onWarning } = options;
  const tree = treeOf(path);
  const root = tree.path;
  const top = await foldersIn(tree, "");
  const reader = new FolderReader(tree);
  if (top.includes(validName) && !top.includes(trainName)) {
    throw new UsageError(`The folder ${root} has "${validName}" but no "${trainName}"`, LAYOUT);
  }
  const split = top.includes(trainName);
  const classes = split ? await foldersIn(tree, trainName) : top.filter((name) => name !== testName);
  checkClasses(classes, split ? tree.locate(trainName) : root);
  const all = await reader.labelled(split ? `${trainName}/` : "", classes);
  checkFilled(all, classes, split ? "training images" : "images", root);
  let parts: Pick<Folders, "train" | "valid">;
  if (split && top.includes(validName)) {
    const known = await foldersIn(tree, validName);
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
    const counts = countLabels(all, classes.length);
    const lonely = classes.find((_, label) => counts[label]! < 2);
    if (lonely !== undefined)
      throw new UsageError(
        `The class "${lonely}" has only one image, which cannot be both learnt from and checked on`,
        "Add images of it, or take the class out.",
      );
    parts = splitItems(all, validFraction, seed);
  }
  const test = testName === undefined ? [] : await readTest(reader, testName, classes, testWithLabels);
  reader.report(onWarning);
  return { path: root, kind: "single", classes, ...parts, test, ignored: reader.ignored };
}

/** The images of the test folder `name`, with labels if its folders are classes. Throws a UsageError if there are none. */
export async function readTest(
  reader: FolderReader,
  name: string,
  classes: readonly string[],
  withLabels?: boolean | undefined,
): Promise<Item[]> {
  const folders = withLabels === false ? [] : await foldersIn(reader.tree, name);
  const stranger = folders.find((folder) => !classes.includes(folder));
  if (withLabels === true && (stranger !== undefined || folders.length === 0)) {
    const path = reader.tree.locate(name);
    const problem = stranger === undefined ? "has no class folders" : `has the folder "${stranger}", which is no class`;
    throw new UsageError(`The test folder ${path} ${problem}`, `Sort its images into folders of these classes: ${classes.join(", ")}.`);
  }
  const labelled = folders.length > 0 && stranger === undefined;
  const items = labelled ? await reader.labelled(`${name}/`, folders, classes) : await reader.images(name, -1);
  if (items.length === 0)
    throw new UsageError(`The test folder ${reader.tree.locate(name)} has no images`, "Put images into it, or name no test folder.");
  return items;
}

function checkClasses(classes: readonly string[], folder: string): void {
  if (classes.length === 0) throw new UsageError(`The folder ${folder} has no class folders`, LAYOUT);
  if (classes.length === 1)
    throw new UsageError(`The folder ${folder} has only one class, "${classes[0]}"; at least two are needed to tell apart`, LAYOUT);
}

function checkFilled(items: readonly Item[], classes: readonly string[], what: string, root: string): void {
  const counts = countLabels(items, classes.length);
  const empty = classes.find((_, label) => counts[label] === 0);
  if (empty !== undefined)
    throw new UsageError(`The class "${empty}" has no ${what} in ${root}`, "Add images of it, or take its folder away.");
}

function countLabels(items: readonly Item[], classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (const { label } of items) counts[label]!++;
  return counts;
}
