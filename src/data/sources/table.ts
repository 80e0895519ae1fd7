// Reads a table of text (CSV): what spreadsheets and pandas write, with the line of every row for errors. csv-parse does the parsing.

import { CsvError, parse } from "csv-parse/sync";
import { expected, UsageError } from "../../core/errors.ts";
import type { TableFile } from "../files/file-tree.ts";

/** A table as it is in its file. */
export interface Table {
  /** Name of the file, for errors. */
  readonly name: string;
  /** Names of the columns; undefined without a header. */
  readonly header: readonly string[] | undefined;
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  readonly cells: readonly string[];
  /** Line of the file, from 1, on which the row ends. */
  readonly line: number;
}

export interface TableOptions {
  /** Whether the first row holds the columns' names; default true. */
  header?: boolean | undefined;
  /** One character between two cells; default a tab in files called .tsv, otherwise a comma. */
  separator?: string | undefined;
}

/** A cell may be this long: what is longer comes of a quotation mark that is not closed. */
const LONGEST = 1_000_000;

interface Parsed {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/** Reads a table. Throws a UsageError, with the line if there is one, for a file that is not text, or not a table. */
export function parseTable({ name, bytes }: TableFile, { header = true, separator }: TableOptions = {}): Table {
  if (separator !== undefined && [...separator].length !== 1) throw expected("one character", "the separator", separator);
  const text = decode(bytes, name);
  const records = parseRecords(text, separator ?? (/\.tsv$/i.test(name) ? "\t" : ","), name).filter(({ record }) =>
    record.some((cell) => cell !== ""),
  );
  const head = header ? records[0]?.record.map((cell) => cell.trim()) : undefined;
  const rows = records.slice(header ? 1 : 0).map(({ record, info }) => ({ cells: record.map((cell) => cell.trim()), line: info.lines }));
  if (rows.length === 0)
    throw new UsageError(
      `${name} has no rows${header && records.length > 0 ? " after its header" : ""}`,
      "Each row names an image and its labels.",
    );
  return { name, header: head, rows };
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

function parseRecords(text: string, delimiter: string, name: string): Parsed[] {
  try {
    return parse(text, {
      delimiter,
      info: true,
      // Named, because files of both kinds of line break exist, and only the first would be found by itself.
      record_delimiter: ["\r\n", "\n", "\r"],
      skip_empty_lines: true,
      max_record_size: LONGEST,
    }) as unknown as Parsed[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The parser's message may quote a whole cell.
    const reason = error.message.length > 200 ? `${error.message.slice(0, 200)} …` : error.message;
    throw new UsageError(`${name} is not a table: ${reason}`, "Put cells that hold separators or line breaks in quotation marks.", {
      cause: error,
    });
  }
}
