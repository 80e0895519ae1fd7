// Reads a data set from folders: train/<class> and valid/<class>, or one folder of classes that is then split. Mistakes in the layout stop
// here.

import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { ListedDataset } from "../dataset/dataset.ts";
import { type Item, splitItems } from "../dataset/items.ts";
import { kindOfFile } from "../decode/file-names.ts";
import { type FileTree, LAYOUT } from "../files/file-tree.ts";
import { treeOf } from "../files/tree-of.ts";
import { FolderReader, foldersIn } from "./folder-reader.ts";
import { findLayout, type PartNames, partCalled } from "./layout.ts";

/** A data set as it lies in its folder. */
export interface Folders extends ListedDataset {
  readonly kind: "single";
  /** Number of files that lay beside the images (text, tables and the like). */
  readonly ignored: number;
  /** Whether the validation images are drawn from the training images, because they have no folder. */
  readonly drawn: boolean;
}

export interface FolderOptions extends PartNames, Pick<WorkOptions, "onWarning"> {
  /** Whether a test folder of a usual name is read if `testName` names none; default false: it is left out. */
  findTest?: boolean;
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
  const { testName, testWithLabels, findTest = false, validFraction = 0.2, seed = 42, onWarning } = options;
  const tree = treeOf(path);
  const root = tree.path;
  const reader = new FolderReader(tree);
  const { train: trainFolder, valid: validFolder, test: testFolder, classes } = await findLayout(reader, options, onWarning);
  await checkClasses(reader, classes, trainFolder);
  const all = await reader.labelled(prefixOf(trainFolder), classes);
  checkFilled(reader, all, classes, trainFolder, trainFolder === "" ? "images" : "training images");
  let parts: Pick<Folders, "train" | "valid">;
  if (validFolder !== undefined) {
    const known = await foldersIn(tree, validFolder);
    const stranger = known.find((name) => !classes.includes(name));
    const trainedIn = trainFolder === "" ? root : trainFolder;
    if (stranger !== undefined) {
      throw new UsageError(
        `The class "${stranger}" is in ${validFolder} but not in ${trainedIn}`,
        `Give it a folder of images in ${trainedIn}, or take it out of ${validFolder}.`,
      );
    }
    const valid = await reader.labelled(
      prefixOf(validFolder),
      classes.filter((name) => known.includes(name)),
      classes,
    );
    checkFilled(reader, valid, classes, validFolder, "validation images");
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
  const test =
    testFolder === undefined ? [] : await testItems(reader, testFolder, classes, { testName, testWithLabels, findTest, onWarning });
  await warnOfLoose(reader, trainFolder === "" ? [""] : ["", trainFolder, ...(validFolder === undefined ? [] : [validFolder])], onWarning);
  warnOfInner(all, prefixOf(trainFolder), classes, onWarning);
  reader.report(onWarning);
  return { path: root, kind: "single", classes, ...parts, test, ignored: reader.passedBy.beside, drawn: validFolder === undefined };
}

/** The images of the test folder if it is to be read; a warning otherwise. */
async function testItems(
  reader: FolderReader,
  folder: string,
  classes: readonly string[],
  { testName, testWithLabels, findTest, onWarning }: FolderOptions,
): Promise<Item[]> {
  if (testName !== undefined) return readTest(reader, folder, classes, testWithLabels);
  if (findTest) return imagesOfTest(reader, folder, classes, testWithLabels);
  onWarning?.({
    message: `The folder "${folder}" is taken for test images, and left out`,
    hint: "thaw evaluate measures a model on them. If it is a class, --train . makes all folders classes.",
  });
  return [];
}

/** Warns of images that lie beside the folders of classes. */
async function warnOfLoose(reader: FolderReader, folders: readonly string[], onWarning: WorkOptions["onWarning"]): Promise<void> {
  const loose: string[] = [];
  for (const folder of folders) loose.push(...(await reader.contents(folder)).pictures.filter((name) => kindOfFile(name) === "image"));
  if (loose.length > 0)
    onWarning?.({
      message: `${loose.length === 1 ? "1 image lies" : `${loose.length} images lie`} in no class folder and ${loose.length === 1 ? "is" : "are"} left out, the first ${loose[0]}`,
      hint: "Move each into the folder of its class.",
    });
}

/** Warns if classes are divided into training and validation themselves, which counts for nothing. `prefix` precedes the class in names. */
function warnOfInner(items: readonly Item[], prefix: string, classes: readonly string[], onWarning: WorkOptions["onWarning"]): void {
  for (const { name, label } of items) {
    const place = `${prefix}${classes[label]}`;
    const [inner, ...deeper] = name.slice(place.length + 1).split("/") as [string, ...string[]];
    if (deeper.length === 0 || partCalled(inner) === undefined) continue;
    onWarning?.({ message: `The folder "${place}/${inner}" is called like a part, and counts as the class's own images`, hint: LAYOUT });
    return;
  }
}

function prefixOf(folder: string): string {
  return folder === "" ? "" : `${folder}/`;
}

/** The images of the test folder `name`, with labels if its folders are classes. Throws a UsageError if there are none. */
export async function readTest(
  reader: FolderReader,
  name: string,
  classes: readonly string[],
  withLabels?: boolean | undefined,
): Promise<Item[]> {
  const items = await imagesOfTest(reader, name, classes, withLabels);
  if (items.length > 0) return items;
  const unread = reader.passedBy.unreadIn(name);
  throw new UsageError(
    `The test folder ${reader.tree.locate(name)} has no images${unread ? `: ${unread.reason}` : ""}`,
    unread?.hint ?? "Put images into it, or name no test folder.",
  );
}

async function imagesOfTest(
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
  return labelled ? reader.labelled(prefixOf(name), folders, classes) : reader.images(name, -1);
}

async function checkClasses(reader: FolderReader, classes: readonly string[], folder: string): Promise<void> {
  const place = reader.tree.locate(folder);
  const [only] = classes;
  if (only === undefined) throw new UsageError(`The folder ${place} has no class folders`, LAYOUT);
  if (classes.length > 1) return;
  const inside = await foldersIn(reader.tree, `${prefixOf(folder)}${only}`);
  const hint =
    inside.length > 1
      ? `If ${inside.slice(0, 3).join(", ")} are the classes, give the folder ${reader.tree.locate(`${prefixOf(folder)}${only}`)}.`
      : LAYOUT;
  throw new UsageError(`The folder ${place} has only one class, "${only}"; at least two are needed to tell apart`, hint);
}

function checkFilled(reader: FolderReader, items: readonly Item[], classes: readonly string[], folder: string, what: string): void {
  const counts = countLabels(items, classes.length);
  const empty = classes.find((_, label) => counts[label] === 0);
  if (empty === undefined) return;
  const unread = reader.passedBy.unreadIn(`${prefixOf(folder)}${empty}`);
  throw new UsageError(
    `The class "${empty}" has no ${what} in ${reader.tree.path}${unread ? `: ${unread.reason}` : ""}`,
    unread?.hint ?? "Add images of it, or take its folder away.",
  );
}

function countLabels(items: readonly Item[], classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (const { label } of items) counts[label]!++;
  return counts;
}
