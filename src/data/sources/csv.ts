// A data set from a table: the first column names the images, another one holds their labels. fastai's from_csv.

import { expected, UsageError } from "../../core/errors.ts";
import type { ListedDataset } from "../dataset/dataset.ts";
import type { Item } from "../dataset/items.ts";
import { labelTargets, numberTargets, type RowName, TARGET_KINDS, type TargetKind, type Targets } from "../dataset/targets.ts";
import type { FileTree } from "../files/file-tree.ts";
import { treeOf } from "../files/tree-of.ts";
import { type ListOptions, listNamed, listNamedItems } from "./lists.ts";
import { isNamed } from "./named-files.ts";
import { parseTable, type Table } from "./table.ts";

/** What separates the cells of tables that are not separated by commas, the most usual first. */
const OTHER_SEPARATORS = [
  ...[";", "|"].map((mark) => ({ mark, name: `"${mark}"`, word: `"${mark}"` })),
  { mark: "\t", name: "a tab", word: "$'\\t'" },
  { mark: " ", name: "a space", word: '" "' },
];

export interface CsvOptions extends ListOptions {
  /** What follows each name in the first column to make a file name, such as ".jpg"; default nothing. */
  suffix?: string | undefined;
  /** Whether the first row holds the columns' names and no image; default: unless it names an image that is there. */
  skipHeader?: boolean | undefined;
  /** One character between two cells; default what Excel's first line, such as sep=;, says, else a comma, in a file called .tsv a tab. */
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
  const { names, targets, rowName } = await readRows(tree, folder, csvFname, options);
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
  const { names, targets, rowName } = await readRows(tree, folder, csvFname, options);
  return { kind: targets.kind, items: await listNamedItems(tree, folder, names, targets, { ...options, rowName }) };
}

async function readRows(
  tree: FileTree,
  folder: string,
  csvFname: string,
  options: CsvOptions,
): Promise<{ names: string[]; targets: Targets; rowName: RowName }> {
  const { continuous = false } = options;
  const table = await openTable(tree, folder, csvFname, options);
  const rowName: RowName = (index) => `line ${table.line(index)} of ${table.name}`;
  const columns = labelColumns(table, options);
  const targets = continuous ? numbersIn(table, columns, rowName) : labelsIn(table, columns, { ...options, rowName });
  return { names: table.map(([name = ""]) => name), targets, rowName };
}

/** The table, with or without a header as `skipHeader` says or as its first row shows. */
async function openTable(
  tree: FileTree,
  folder: string,
  csvFname: string,
  { skipHeader, separator, suffix, labelColumns: wanted, onWarning }: CsvOptions,
): Promise<Table> {
  const file = await tree.readTable(csvFname);
  // Columns that are chosen by name need a header.
  if (skipHeader !== undefined || wanted !== undefined) return parseTable(file, { header: skipHeader ?? true, separator });
  const table = parseTable(file, { header: false, separator });
  const [first = ""] = table.cells(0);
  if (!(await isNamed(tree, folder, first, suffix))) return parseTable(file, { header: true, separator });
  onWarning?.({
    message: `The first row of ${table.name} names the image "${first}", so it is read as one: the table has no header`,
    hint: "Say so with --no-header (skipHeader: false), or --header (true) if the row names the columns.",
  });
  return table;
}

function labelColumns(table: Table, { labelColumns: wanted, continuous = false }: CsvOptions): number[] {
  const { header, name } = table;
  const width = table.cells(0).length;
  if (width < 2) {
    const other = OTHER_SEPARATORS.find(({ mark }) => table.map(([cell]) => cell?.includes(mark)).every(Boolean));
    throw new UsageError(
      `${name} has one column only`,
      other === undefined
        ? "The first column names the images, the second holds their labels; another separator than the comma must be named."
        : `All its rows contain ${other.name}. If that separates the columns, say so: --separator ${other.word}.`,
    );
  }
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

function labelsIn(table: Table, columns: readonly number[], options: CsvOptions & { rowName: RowName }): Targets {
  const { catSeparator: separator = " " } = options;
  const labels = table.map((cells) =>
    columns.flatMap((column) => {
      const cell = cells[column] as string;
      if (/^nan$/i.test(cell)) return [];
      return separator === "" ? [cell] : cell.split(separator);
    }),
  );
  const targets = labelTargets(labels, { ...options, catSeparator: separator });
  const { classes, kind } = targets;
  if (kind === "multi" && options.catSeparator === undefined && options.multiLabel === undefined) {
    const rows = table.map((cells) => columns.map((column) => cells[column] as string));
    warnOfWords(rows.flat(), classes.length, options.onWarning);
  }
  if (TARGET_KINDS[kind].exclusive && classes.length > Math.max(10, labels.length / 3) && classes.every(isNumber))
    throw new UsageError(
      `The labels of ${table.name} are ${classes.length} different numbers in ${labels.length} rows`,
      "To predict numbers, say that they are continuous (continuous: true, --continuous).",
    );
  return targets;
}

/**
 * Warns if `cells`, split at spaces into so many different `labels`, look like labels of several words: there are no more different cells
 * than different words. Labels that images have independently of each other combine in more ways than there are labels.
 */
function warnOfWords(cells: readonly string[], labels: number, onWarning: CsvOptions["onWarning"]): void {
  const different = new Set(cells.filter((cell) => cell !== ""));
  const example = [...different].find((cell) => cell.includes(" "));
  if (example !== undefined && different.size <= labels)
    onWarning?.({
      message: `Cells such as "${example}" are read as several labels: ${example.split(/ +/).join(", ")}`,
      hint: 'If each cell is one label, say so: --labels-separator "" (catSeparator: ""). If images may have several, --multi-label.',
    });
}

function numbersIn(table: Table, columns: readonly number[], rowName: RowName): Targets {
  const rows = table.map((cells, row) =>
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
