// Lists of names in a column of a table of text.

import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { UsageError } from "../../core/errors.ts";
import { formatOfName } from "../decode/file-names.ts";
import { isRemote } from "../files/remote.node.ts";
import { columnIn, type WantedColumn } from "./columns.ts";
import { piecesOf, type SizedFile } from "./text.node.ts";

/** A row may be this long: what is longer comes of a quotation mark that is not closed. */
const LONGEST = 1_000_000;

/**
 * The cells of the wanted column. The first row has the names of the columns unless one of its cells names a photograph. Throws a UsageError
 * for what is no table, with the line.
 */
export async function* namesInCsv(file: SizedFile, wanted: WantedColumn, separator: string): AsyncGenerator<string, void, undefined> {
  const parser = parse({ delimiter: separator, bom: true, relax_column_count: true, skip_empty_lines: true, max_record_size: LONGEST });
  const rows = Readable.from(piecesOf(file))
    .on("error", (error) => parser.destroy(error))
    .pipe(parser);
  let index: number | undefined;
  try {
    for await (const cells of rows as AsyncIterable<readonly string[]>) {
      if (index === undefined) {
        const isHeader = wanted.must || !cells.some((cell) => formatOfName(cell) !== undefined || isRemote(cell));
        index = isHeader ? columnIn(cells, wanted, file.name) : 0;
        if (isHeader) continue;
      }
      const name = (cells[index] ?? "").trim();
      if (name !== "") yield name;
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = (cause as { lines?: number }).lines;
    throw new UsageError(
      `${file.name} is not a table${line === undefined ? "" : `: line ${line}`}: ${cause.message}`,
      "Put cells that hold separators or line breaks in quotation marks.",
      { cause },
    );
  } finally {
    rows.destroy();
  }
}
