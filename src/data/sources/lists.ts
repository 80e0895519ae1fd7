// Images and their targets from lists: names with labels by position, the files of a folder, or labels that a function or pattern takes
// from each path. All images share one list of classes.

import { expected, UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { ListedDataset } from "../dataset/dataset.ts";
import { type Item, splitItems } from "../dataset/items.ts";
import {
  type LabelArray,
  type RowName,
  TARGET_KINDS,
  type Target,
  type TargetOptions,
  type Targets,
  targetsOf,
} from "../dataset/targets.ts";
import type { FileTree } from "../files/file-tree.ts";
import { treeOf } from "../files/tree-of.ts";
import { getCvIdxs } from "./cross-validation.ts";
import { FolderReader, itemIn } from "./folder-reader.ts";
import { readTest } from "./folders.ts";
import { findNamed } from "./named-files.ts";

export interface ListOptions extends TargetOptions, Pick<WorkOptions, "onWarning"> {
  /** Indices of the rows to validate on; default getCvIdxs of their number: a fifth. */
  valIdxs?: readonly number[] | undefined;
  /** Folder of test images inside the data set. */
  testName?: string | undefined;
  /** Whether the test folder holds class folders; default: if all its folders are named like classes. */
  testWithLabels?: boolean | undefined;
  /** Seed of the split; default 42. */
  seed?: number | undefined;
}

/** The images `names` (with `suffix` after each) in `folder` of `path`, labelled by position with `y`. Throws a UsageError for mistakes in either. */
export async function listNamed(
  path: string | FileTree,
  folder: string,
  names: readonly string[],
  y: LabelArray | Targets,
  options: ListOptions & { suffix?: string | undefined } = {},
): Promise<ListedDataset> {
  const { rowName = (index: number) => `entry ${index + 1}` } = options;
  const targets = "kind" in y ? y : targetsOf(y, { ...options, rowName });
  if (names.length !== targets.targets.length)
    throw expected(`${names.length}, one for each file name,`, "the number of labels", targets.targets.length);
  const tree = treeOf(path);
  const found = await findNamed(tree, folder, names, { suffix: options.suffix, rowName });
  return splitRows(tree, found, targets, { ...options, rowName });
}

/** The images `names` (with `suffix` after each) in `folder` of `path`, labelled by position, each once and none held out. */
export async function listNamedItems(
  path: string | FileTree,
  folder: string,
  names: readonly string[],
  targets: Targets,
  options: Pick<ListOptions, "onWarning"> & { suffix?: string | undefined; rowName: RowName },
): Promise<readonly Item[]> {
  const tree = treeOf(path);
  const items = labelled(tree, await findNamed(tree, folder, names, options), targets);
  return withoutRepeats(items, options).map((row) => items[row] as Item);
}

/** All images in `folder` of `path`, sorted by name, labelled by position with `y`. Throws a UsageError if their numbers differ. */
export async function listFolder(
  path: string | FileTree,
  folder: string,
  y: LabelArray,
  options: ListOptions = {},
): Promise<ListedDataset> {
  const tree = treeOf(path);
  const reader = new FolderReader(tree);
  const items = await reader.images(folder, -1);
  reader.report(options.onWarning);
  const { rowName = (index: number) => items[index]?.name ?? `entry ${index + 1}` } = options;
  const targets = targetsOf(y, { ...options, rowName });
  if (items.length !== targets.targets.length)
    throw expected(
      `${items.length}, one for each image in ${folder === "" ? tree.path : folder},`,
      "the number of labels",
      targets.targets.length,
      "The images are sorted by name, and those in folders below count too.",
    );
  return splitRows(
    tree,
    items.map(({ name }) => name),
    targets,
    { ...options, rowName },
  );
}

/** What a labelling function may give for an image: a class, the labels that it has, or one number or several. */
export type LabelOf = (name: string) => string | readonly string[] | number | readonly number[];

/**
 * All images in `path` and below, labelled by `labelOf`, which gets each name relative to `path` with "/" between folders. Without `valIdxs`
 * a part of each class is held out for validation, `validFraction`, as from folders.
 */
export async function listByFunction(
  path: string | FileTree,
  labelOf: LabelOf,
  options: ListOptions & { validFraction?: number | undefined } = {},
): Promise<ListedDataset> {
  const { valIdxs, validFraction = 0.2, seed = 42, testName } = options;
  const tree = treeOf(path);
  const reader = new FolderReader(tree);
  const all = await reader.images("", -1);
  const items = testName === undefined ? all : all.filter(({ name }) => !name.startsWith(`${testName}/`));
  reader.report(options.onWarning);
  if (items.length === 0) throw new UsageError(`The folder ${tree.path} has no images`, "Check the path.");
  const { rowName = (index: number) => items[index]?.name ?? `image ${index + 1}` } = options;
  const targets = targetsOf(items.map(({ name }) => labelOf(name)) as LabelArray, { ...options, rowName });
  if (valIdxs !== undefined)
    return splitRows(
      tree,
      items.map(({ name }) => name),
      targets,
      { ...options, rowName },
    );
  const labelled = items.map((item, i) => ({ ...item, ...(targets.targets[i] as Target) }));
  return finish(reader, targets, splitItems(labelled, validFraction, seed), options);
}

/** A labelling function: the group "label" of `pattern`, or its first group, in each name. It throws a UsageError for a name that does not match. */
export function labelByPattern(pattern: RegExp | string): LabelOf {
  // Without the flags that make a pattern remember the place of the last match.
  const { source, flags } = new RegExp(pattern);
  const plain = new RegExp(source, flags.replace(/[gy]/g, ""));
  return (name) => {
    const match = plain.exec(name);
    const label = match?.groups?.label ?? match?.[1];
    if (label === undefined)
      throw new UsageError(
        `The pattern ${plain} finds no label in ${name}`,
        "Put the part that is the label in parentheses, and match every image.",
      );
    return label;
  };
}

async function splitRows(
  tree: FileTree,
  names: readonly string[],
  targets: Targets,
  options: ListOptions & { rowName: RowName },
): Promise<ListedDataset> {
  const chosen = validRows(names.length, options);
  const items = labelled(tree, names, targets);
  const kept = withoutRepeats(items, options);
  const part = (valid: boolean) => kept.filter((row) => chosen.has(row) === valid).map((row) => items[row] as Item);
  return finish(new FolderReader(tree), targets, { train: part(false), valid: part(true) }, options);
}

function labelled(tree: FileTree, names: readonly string[], { targets }: Targets): Item[] {
  return names.map((name, i) => itemIn(tree, name, targets[i] as Target));
}

function validRows(rows: number, { valIdxs, seed = 42 }: ListOptions): ReadonlySet<number> {
  if (valIdxs === undefined) return new Set(getCvIdxs(rows, { seed }));
  const bad = valIdxs.find((index) => !Number.isInteger(index) || index < 0 || index >= rows);
  if (bad !== undefined) throw expected(`whole numbers from 0 to ${rows - 1}`, "valIdxs", bad);
  return new Set(valIdxs);
}

/** Rows without those that name an image a second time. Throws if the two disagree on its labels. */
function withoutRepeats(items: readonly Item[], { rowName, onWarning }: ListOptions & { rowName: RowName }): number[] {
  const first = new Map<string, number>();
  const repeats: number[] = [];
  const kept = items.flatMap((item, row) => {
    const before = first.get(item.name);
    if (before === undefined) {
      first.set(item.name, row);
      return [row];
    }
    if (targetText(items[before] as Item) !== targetText(item))
      throw new UsageError(
        `${item.name} has one label in ${rowName(before)} and another in ${rowName(row)}`,
        "Keep one of them; several labels of one image belong into one place.",
      );
    repeats.push(row);
    return [];
  });
  if (repeats.length > 0)
    onWarning?.({
      message: `${repeats.length === 1 ? "1 image is" : `${repeats.length} images are`} named twice, the first in ${rowName(repeats[0] as number)}: each is used once`,
    });
  return kept;
}

function targetText({ label, labels, values }: Target): string {
  return JSON.stringify([label, labels, values]);
}

async function finish(
  reader: FolderReader,
  { kind, classes }: Targets,
  { train, valid }: { train: readonly Item[]; valid: readonly Item[] },
  { testName, testWithLabels, onWarning }: ListOptions,
): Promise<ListedDataset> {
  if (train.length === 0 || valid.length === 0)
    throw new UsageError(
      `There are ${train.length} images to train on and ${valid.length} to validate on`,
      "Both are needed: add images, or choose other rows to validate on.",
    );
  for (const [part, items] of [
    ["train", train],
    ["validate", valid],
  ] as const) {
    const met = new Set(items.flatMap((item) => item.labels ?? [item.label]));
    const lacking = TARGET_KINDS[kind].names === "classes" ? classes.filter((_, label) => !met.has(label)) : [];
    if (lacking.length > 0)
      onWarning?.({
        message: `${lacking.length === 1 ? "1 class has" : `${lacking.length} classes have`} no image to ${part} on, the first "${lacking[0]}"`,
        hint: "Add images of it, or choose other rows to validate on.",
      });
  }
  const labelled = TARGET_KINDS[kind].exclusive;
  const test = testName === undefined ? [] : await readTest(reader, testName, labelled ? classes : [], labelled ? testWithLabels : false);
  return { path: reader.tree.path, kind, classes, train, valid, test };
}
