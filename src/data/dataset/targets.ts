// Labels as they come, text or numbers, made into targets: one class per image, several labels, or numbers. Which of these it is shows in
// the labels themselves.

import { expected, UsageError } from "../../core/errors.ts";
import { byText, type Item } from "./items.ts";

/** What is learnt about an image: its one class, which of several labels it has, or numbers (a regression). */
export type TargetKind = "single" | "multi" | "continuous";

/** What tells one kind of target from another. */
export interface TargetKindTraits {
  /** What the data set's `classes` name. */
  readonly names: "classes" | "columns";
  /** Whether each image is of exactly one class. */
  readonly exclusive: boolean;
  /** Whether an image's target is known: not so in a test set without labels. */
  isKnown(target: Target): boolean;
}

export const TARGET_KINDS: Readonly<Record<TargetKind, TargetKindTraits>> = {
  single: { names: "classes", exclusive: true, isKnown: ({ label }) => label >= 0 },
  multi: { names: "classes", exclusive: false, isKnown: ({ labels }) => labels !== undefined },
  continuous: { names: "columns", exclusive: false, isKnown: ({ values }) => values !== undefined },
};

/** The targets of some images. */
export interface Targets {
  readonly kind: TargetKind;
  /** Names of the classes, sorted; names of the columns if the targets are numbers. */
  readonly classes: readonly string[];
  /** One for each image, in their order. */
  readonly targets: readonly Target[];
}

/** What an item carries of its target. */
export type Target = Pick<Item, "label" | "labels" | "values">;

/**
 * Labels by position, in any of these forms: the name of each image's class; the names of all labels of each image; indices into the classes
 * or, with `continuous`, one number per image; rows of zeros and ones [images, classes] or, with `continuous`, of numbers [images, columns].
 */
export type LabelArray = readonly string[] | readonly (readonly string[])[] | ArrayLike<number> | readonly ArrayLike<number>[];

/** What a row is called in errors, by its index: "line 3 of labels.csv". */
export type RowName = (index: number) => string;

/** How labels are to be understood. */
export interface TargetOptions {
  /** Names of the classes (or columns) in their order; default the sorted names that occur, or the numbers from 0. */
  classes?: readonly string[] | undefined;
  /** The labels are numbers to be predicted, not classes; default false. */
  continuous?: boolean | undefined;
  /** Images may have several labels or none; default: if any image has several. */
  multiLabel?: boolean | undefined;
  rowName?: RowName | undefined;
}

/** Labels that come from the cells of a table. */
export interface LabelOptions extends TargetOptions {
  /** What separated the labels of a cell, for errors; "" if each cell is one label. */
  catSeparator?: string | undefined;
}

const byPosition: RowName = (index) => `entry ${index + 1}`;

/** Targets from labels in any form. Throws a UsageError that names the row for a label that is missing, unknown, or not a number. */
export function targetsOf(y: LabelArray, options: TargetOptions = {}): Targets {
  const { continuous = false, classes, rowName = byPosition } = options;
  const rows = Array.from(y as ArrayLike<unknown>);
  if (continuous)
    return numberTargets(
      rows.map((row, i) => numbersOf(row, rowName(i))),
      { classes, rowName },
    );
  const [first] = rows;
  if (typeof first === "number") return indexTargets(rows as number[], options);
  if (typeof first === "string")
    return labelTargets(
      (rows as string[]).map((label) => [label]),
      options,
    );
  if (Array.isArray(first) && (rows as unknown[][]).some((row) => typeof row[0] === "string"))
    return labelTargets(rows as string[][], options);
  if (typeof first === "object") return nHotTargets(rows as ArrayLike<number>[], options);
  throw expected("class names, indices, or rows of zeros and ones", "the labels", first);
}

/** More classes than any data set of photographs has: what has more is another column, or a text. */
const MOST_CLASSES = 100_000;

/** Targets from the names of each image's labels, empty ones left out. Missing labels: none of the classes if several are allowed, otherwise an error. */
export function labelTargets(labels: readonly (readonly string[])[], options: LabelOptions = {}): Targets {
  const { rowName = byPosition } = options;
  // One name in two spellings of the same letters (é as one character or as two) would be two classes that look alike.
  const seen = new Set<string>();
  const rows = labels.map((row, i) => {
    const names = [...new Set(row.map((label) => label.normalize("NFC").trim()).filter((label) => label !== ""))];
    for (const name of names) seen.add(name);
    if (seen.size > MOST_CLASSES)
      throw new UsageError(
        `There are more than ${MOST_CLASSES} different labels up to ${rowName(i)}`,
        "Choose the column that holds the labels, or say how they are separated.",
      );
    return names;
  });
  const classes = options.classes ?? [...seen].sort(byText);
  checkNames(classes, "class");
  const index = new Map(classes.map((name, i) => [name, i]));
  const indexed = rows.map((row, i) =>
    row.map((label) => {
      const found = index.get(label);
      if (found === undefined)
        throw new UsageError(`The class "${label}" of ${rowName(i)} is not among the classes`, knownHint(classes, options.catSeparator));
      return found;
    }),
  );
  if (options.multiLabel ?? indexed.some((row) => row.length > 1)) return multiTargets(indexed, classes);
  const unlabelled = indexed.findIndex((row) => row.length !== 1);
  if (unlabelled >= 0 && indexed[unlabelled]?.length === 0)
    throw new UsageError(
      `There is no label in ${rowName(unlabelled)}`,
      "Label it or remove it; if an image may have none of the labels, say that there may be several (multiLabel, --multi-label).",
    );
  if (unlabelled >= 0)
    throw new UsageError(
      `There are ${indexed[unlabelled]?.length} labels in ${rowName(unlabelled)}`,
      "Leave multiLabel out to allow several.",
    );
  checkTwo(classes);
  return { kind: "single", classes, targets: indexed.map((row) => ({ label: row[0] as number })) };
}

/** Names the classes, and what to do if cells were split within such names. */
function knownHint(classes: readonly string[], separator = ""): string {
  const known = `These are: ${classes.join(", ")}.`;
  if (separator === "" || !classes.some((name) => name.includes(separator))) return known;
  return `${known} Cells are split at "${separator}"; if each is one label, say so (catSeparator: "", --labels-separator "").`;
}

/** Targets from rows of numbers, one per column. Throws a UsageError for rows of unequal length and for what is no finite number. */
export function numberTargets(
  rows: readonly (readonly number[])[],
  { classes, rowName = byPosition }: Pick<TargetOptions, "classes" | "rowName">,
): Targets {
  const columns = classes?.length ?? rows[0]?.length ?? 0;
  for (const [i, row] of rows.entries()) {
    if (row.length !== columns || columns === 0) throw expected(`${Math.max(1, columns)} numbers`, rowName(i), row.length);
    const bad = row.find((value) => !Number.isFinite(value));
    if (bad !== undefined)
      throw new UsageError(`A target of ${rowName(i)} is ${bad}, which is not a number to learn`, "Fill it in, or take the row out.");
  }
  const names = classes ?? (columns === 1 ? ["value"] : Array.from({ length: columns }, (_, i) => `value ${i + 1}`));
  checkNames(names, "column");
  return { kind: "continuous", classes: names, targets: rows.map((values) => ({ label: -1, values })) };
}

function indexTargets(labels: readonly number[], { classes, multiLabel, rowName = byPosition }: TargetOptions): Targets {
  if (multiLabel) throw expected("names, or rows of zeros and ones", "the labels", "class indices");
  // Without names, there cannot be more classes than images to show them.
  const highest = labels.reduce((a, b) => Math.max(a, b), 0);
  const names = classes ?? Array.from({ length: Math.min(highest + 1 || 0, labels.length) }, (_, i) => `${i}`);
  checkNames(names, "class");
  checkTwo(names);
  const targets = labels.map((label, i) => {
    if (!Number.isInteger(label) || label < 0 || label >= names.length)
      throw expected(`a whole number from 0 to ${names.length - 1}`, rowName(i), label, "Numbers to be predicted need continuous: true.");
    return { label };
  });
  return { kind: "single", classes: names, targets };
}

function nHotTargets(rows: readonly ArrayLike<number>[], { classes, rowName = byPosition }: TargetOptions): Targets {
  const names = classes ?? Array.from({ length: rows[0]?.length ?? 0 }, (_, i) => `${i}`);
  checkNames(names, "class");
  const indexed = rows.map((row, i) => {
    if (row.length !== names.length) throw expected(`${names.length} zeros and ones`, rowName(i), row.length);
    return Array.from(row).flatMap((value, label) => {
      if (value !== 0 && value !== 1) throw expected("zeros and ones", rowName(i), value, "Numbers to be predicted need continuous: true.");
      return value === 1 ? [label] : [];
    });
  });
  return multiTargets(indexed, names);
}

function multiTargets(rows: readonly (readonly number[])[], classes: readonly string[]): Targets {
  if (classes.length === 0) throw new UsageError("No image has a label", "Label some of them.");
  return { kind: "multi", classes, targets: rows.map((row) => ({ label: -1, labels: [...row].sort((a, b) => a - b) })) };
}

function numbersOf(row: unknown, name: string): number[] {
  if (typeof row === "number") return [row];
  if (typeof row === "object" && row !== null && "length" in row) {
    const values = Array.from(row as ArrayLike<unknown>);
    if (values.every((value) => typeof value === "number")) return values;
  }
  throw expected("numbers", name, row);
}

function checkNames(names: readonly string[], what: string): void {
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw new UsageError(`There are two ${what === "class" ? "classes" : "columns"} called "${twice}"`, "Rename one.");
  if (names.includes("")) throw new UsageError(`A ${what} has no name`, "Give it one.");
}

function checkTwo(classes: readonly string[]): void {
  if (classes.length < 2)
    throw new UsageError(
      classes.length === 1 ? `All images are of the class "${classes[0]}"` : "No image has a label",
      "At least two classes are needed to tell apart.",
    );
}
