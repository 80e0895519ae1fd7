// A data set from a table: the first column names the images, another one holds their labels. fastai's from_csv.

import { expected, UsageError } from "../../core/errors.ts";
import type { ListedDataset } from "../dataset/dataset.ts";
import type { Item } from "../dataset/items.ts";
import { labelTargets, numberTargets, type RowName, TARGET_KINDS, type TargetKind, type Targets } from "../dataset/targets.ts";
import type { FileTree } from "../files/file-tree.ts";
import { treeOf } from "../files/tree-of.ts";
import { type ListOptions, listNamed, listNamedItems } from "./lists.ts";
import { parseTable, type Table, type TableRow } from "./table.ts";

export interface CsvOptions extends ListOptions {
  /** What follows each name in the first column to make a file name, such as ".jpg"; default nothing. */
  suffix?: string | undefined;
  /** Whether the first row holds the columns' names and no image; default true. */
  skipHeader?: boolean | undefined;
  /** One character between two cells; default a comma, in a file called .tsv a tab. */
  separator?: string | undefined;
  /** What separates the labels of a cell; default a space. "" makes each cell one label. */
  catSeparator?: string | undefined;
  /** Names of the columns with the labels; default the second, with `continuous` all but the first. */
  labelColumns?: string | readonly string[] | undefined;
}

/**
 * Reads `csvFname` (a path from here or from `path`), whose images lie in `folder` of `path`. If any cell holds several labels the
 * images have several labels each; with `continuous` their targets are numbers. Throws a UsageError that names the line of a mistake.
 */
export async function readCsv(path: string | FileTree, folder: string, csvFname: string, options: CsvOptions = {}): Promise<ListedDataset> {
  const tree = treeOf(path);
  const { names, targets, rowName } = await readRows(tree, csvFname, options);
  return listNamed(tree, folder, names, targets, { ...options, rowName });
}

/** The images that `csvFname` names, all of them together, and what kind of targets they have; otherwise as readCsv, for measuring a model. */
export async function readCsvItems(
  path: string,
  folder: string,
  csvFname: string,
  options: CsvOptions = {},
): Promise<{ readonly kind: TargetKind; readonly items: readonly Item[] }> {
  const tree = treeOf(path);
  const { names, targets, rowName } = await readRows(tree, csvFname, options);
  return { kind: targets.kind, items: await listNamedItems(tree, folder, names, targets, { ...options, rowName }) };
}

async function readRows(
  tree: FileTree,
  csvFname: string,
  options: CsvOptions,
): Promise<{ names: string[]; targets: Targets; rowName: RowName }> {
  const { skipHeader = true, separator, catSeparator = " ", continuous = false } = options;
  const table = parseTable(await tree.readTable(csvFname), { header: skipHeader, separator });
  const rowName: RowName = (index) => `line ${table.rows[index]?.line} of ${table.name}`;
  const columns = labelColumns(table, options);
  const targets = continuous ? numbersIn(table, columns, rowName) : labelsIn(table, columns, catSeparator, { ...options, rowName });
  return { names: table.rows.map(({ cells }) => cells[0] ?? ""), targets, rowName };
}

function labelColumns({ header, rows, name }: Table, { labelColumns: wanted, continuous = false }: CsvOptions): number[] {
  const width = (rows[0] as TableRow).cells.length;
  if (width < 2)
    throw new UsageError(
      `${name} has one column only`,
      "The first column names the images, the second holds their labels; another separator than the comma must be named.",
    );
  if (wanted === undefined) return continuous ? Array.from({ length: width - 1 }, (_, i) => i + 1) : [1];
  const names = typeof wanted === "string" ? [wanted] : wanted;
  if (header === undefined)
    throw new UsageError("Columns cannot be chosen by name without a header", "Leave the names out, or add a header.");
  if (names.length === 0) throw expected("at least one", "labelColumns", names);
  return names.map((column) => {
    const index = header.indexOf(column);
    if (index < 0) throw new UsageError(`${name} has no column "${column}"`, `It has: ${header.join(", ")}.`);
    if (index === 0)
      throw new UsageError(`The column "${column}" of ${name} names the images`, `Labels may be in: ${header.slice(1).join(", ")}.`);
    return index;
  });
}

function labelsIn(table: Table, columns: readonly number[], separator: string, options: CsvOptions & { rowName: RowName }): Targets {
  const labels = table.rows.map(({ cells }) =>
    columns.flatMap((column) => {
      const cell = cells[column] as string;
      if (/^nan$/i.test(cell)) return [];
      return separator === "" ? [cell] : cell.split(separator);
    }),
  );
  const targets = labelTargets(labels, { ...options, catSeparator: separator });
  const { classes, kind } = targets;
  if (TARGET_KINDS[kind].exclusive && classes.length > Math.max(10, labels.length / 3) && classes.every(isNumber))
    throw new UsageError(
      `The labels of ${table.name} are ${classes.length} different numbers in ${labels.length} rows`,
      "To predict numbers, say that they are continuous (continuous: true, --continuous).",
    );
  return targets;
}

function numbersIn(table: Table, columns: readonly number[], rowName: RowName): Targets {
  const rows = table.rows.map(({ cells }, row) =>
    columns.map((column) => {
      const cell = cells[column] as string;
      if (!isNumber(cell))
        throw expected("a number", rowName(row), cell, "Write numbers as 0.25 or 1e-3, fill in what is missing, or take the row out.");
      return Number(cell);
    }),
  );
  const { header } = table;
  return numberTargets(rows, { classes: header && columns.map((column) => header[column] as string), rowName });
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
}
