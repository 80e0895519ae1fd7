// Reads a table of text (CSV): what spreadsheets and pandas write (RFC 4180), with the line of every row for errors. Only the rows' places
// are held, 8 bytes for each, and a row is split when it is asked for, so that a million rows take a fraction of a second and little memory.

import { expected, UsageError } from "../../core/errors.ts";
import type { TableFile } from "../files/file-tree.ts";

/** A table as it is in its file. Rows of empty cells are left out. */
export interface Table {
  /** Name of the file, for errors. */
  readonly name: string;
  /** Names of the columns; undefined without a header. */
  readonly header: readonly string[] | undefined;
  /** Number of rows after the header, at least 1. */
  readonly rows: number;
  /** The cells of row `row`, from 0, without spaces around them. */
  cells(row: number): string[];
  /** Line of the file, from 1, on which a row ends. */
  line(row: number): number;
  /** What `work` makes of the cells of each row. */
  map<Result>(work: (cells: readonly string[], row: number) => Result): Result[];
}

export interface TableOptions {
  /** Whether the first row holds the columns' names; default true. */
  header?: boolean | undefined;
  /** One character between two cells; default what a first line such as sep=; says, else a tab in files called .tsv, otherwise a comma. */
  separator?: string | undefined;
}

/** A row may be this long: what is longer comes of a quotation mark that is not closed. */
const LONGEST = 1_000_000;
/** The most bytes, rows and columns; a table with more is refused. */
export const TABLE_LIMITS = { bytes: 500_000_000, rows: 10_000_000, columns: 10_000 };

const [QUOTE, LINE_FEED, RETURN] = [34, 10, 13];

/** Excel's first line, which is no row: sep=; */
const EXCEL_SEPARATOR = /^"?sep=(?<mark>[^"\r\n])"?(?=[\r\n]|$)/i;

/** Reads a table. Throws a UsageError, with the line if there is one, for a file that is not text, not a table, or above TABLE_LIMITS. */
export function parseTable({ name, bytes }: TableFile, { header = true, separator }: TableOptions = {}): Table {
  if (separator !== undefined && [...separator].length !== 1) throw expected("one character", "the separator", separator);
  if (bytes.length > TABLE_LIMITS.bytes)
    throw new UsageError(`${name} has ${bytes.length} bytes, more than the ${TABLE_LIMITS.bytes} that are read`, "Split the table.");
  const text = decode(bytes, name);
  const said = EXCEL_SEPARATOR.exec(text);
  // Its line stays, empty, so that lines keep their numbers.
  const rest = said ? text.slice(said[0].length) : text;
  const places = rowPlaces(rest, separator ?? said?.groups?.mark ?? (/\.tsv$/i.test(name) ? "\t" : ","), name);
  const first = header ? 1 : 0;
  const rows = places.count - first;
  if (rows <= 0)
    throw new UsageError(
      `${name} has no rows${header && places.count > 0 ? " after its header" : ""}`,
      "Each row names an image and its labels.",
    );
  const cells = (row: number): string[] => places.cells(first + row);
  return {
    name,
    header: header ? places.cells(0) : undefined,
    rows,
    cells,
    line: (row) => places.line(first + row),
    map: (work) => Array.from({ length: rows }, (_, row) => work(cells(row), row)),
  };
}

function decode(bytes: Uint8Array, name: string): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8";
  try {
    // It takes the byte order mark away.
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${name} is not text in UTF-8`, "Save it as CSV in UTF-8.", { cause: error });
  }
}

/** Where the rows of a text are. */
interface RowPlaces {
  readonly count: number;
  cells(row: number): string[];
  line(row: number): number;
}

/** Finds the rows that have a cell with text. Throws a UsageError for quotation marks out of place and rows of different lengths. */
function rowPlaces(text: string, separator: string, name: string): RowPlaces {
  let places = new Uint32Array(1024);
  let count = 0;
  let width: number | undefined;
  const refuse = (reason: string): UsageError =>
    new UsageError(`${name} is not a table: ${reason}`, "Put cells that hold separators or line breaks in quotation marks.");
  for (let at = 0, line = 1; at < text.length; ) {
    // A line without anything is no row.
    const code = text.charCodeAt(at);
    if (code === LINE_FEED || code === RETURN) {
      if (code === LINE_FEED || text.charCodeAt(at + 1) !== LINE_FEED) line++;
      at++;
      continue;
    }
    const row = scanRow(text, at, line, separator, refuse);
    width ??= row.cells;
    if (row.cells !== width) throw refuse(`line ${row.line} has ${cellsInWords(row.cells)}, and the rows before it ${width}`);
    if (row.filled) {
      if (count >= TABLE_LIMITS.rows) throw refuse(`it has more than ${TABLE_LIMITS.rows} rows`);
      if (2 * count === places.length) {
        const grown = new Uint32Array(2 * places.length);
        grown.set(places);
        places = grown;
      }
      places[2 * count] = at;
      places[2 * count + 1] = row.line;
      count++;
    }
    at = row.next;
    line = row.line + 1;
  }
  return {
    count,
    line: (row) => places[2 * row + 1]!,
    cells(row) {
      const cells: string[] = [];
      scanRow(text, places[2 * row]!, places[2 * row + 1]!, separator, refuse, (from, to, quoted) => {
        const cell = quoted ? text.slice(from + 1, to - 1).replaceAll('""', '"') : text.slice(from, to);
        cells.push(cell.trim());
      });
      return cells;
    },
  };
}

function cellsInWords(cells: number): string {
  return cells === 1 ? "1 cell" : `${cells} cells`;
}

interface ScannedRow {
  /** Where the next row begins. */
  readonly next: number;
  /** The line on which it ends. */
  readonly line: number;
  readonly cells: number;
  /** Whether one of its cells is not empty. */
  readonly filled: boolean;
}

/** Goes through the row at `start`, whose first line is `firstLine`; `found` gets the place of each cell, and whether it is in quotation marks. */
function scanRow(
  text: string,
  start: number,
  firstLine: number,
  separator: string,
  refuse: (reason: string) => UsageError,
  found?: (from: number, to: number, quoted: boolean) => void,
): ScannedRow {
  const [mark, marks] = [separator.charCodeAt(0), separator.length];
  let [at, line, cells, filled] = [start, firstLine, 0, false];
  for (;;) {
    const from = at;
    const quoted = text.charCodeAt(at) === QUOTE;
    if (quoted) {
      const opened = line;
      for (at++; ; at++) {
        const code = text.charCodeAt(at);
        if (Number.isNaN(code)) throw refuse(`a quotation mark on line ${opened} is not closed`);
        if (at - start > LONGEST) throw tooLong(opened);
        if (code === LINE_FEED || (code === RETURN && text.charCodeAt(at + 1) !== LINE_FEED)) line++;
        if (code !== QUOTE) continue;
        if (text.charCodeAt(at + 1) !== QUOTE) break;
        at++;
      }
      at++;
    }
    let code = text.charCodeAt(at);
    for (; at < text.length && code !== LINE_FEED && code !== RETURN; code = text.charCodeAt(++at)) {
      if (code === mark && (marks === 1 || text.startsWith(separator, at))) break;
      if (quoted) throw refuse(`on line ${line} text follows a quotation mark that closes a cell`);
      if (code === QUOTE) throw refuse(`on line ${line} a quotation mark is inside a cell that does not begin with one`);
      if (at - start > LONGEST) throw tooLong(line);
    }
    cells++;
    if (at > from + (quoted ? 2 : 0)) filled = true;
    if (cells > TABLE_LIMITS.columns) throw refuse(`line ${line} has more than ${TABLE_LIMITS.columns} cells`);
    found?.(from, at, quoted);
    if (at < text.length && code === mark && code !== LINE_FEED && code !== RETURN) {
      at += marks;
      continue;
    }
    const next = at + (code === RETURN && text.charCodeAt(at + 1) === LINE_FEED ? 2 : 1);
    return { next, line, cells, filled };
  }

  function tooLong(from: number): UsageError {
    return refuse(`the row on line ${from} has more than ${LONGEST} characters: a quotation mark may not be closed`);
  }
}
