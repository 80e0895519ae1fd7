// A list of photographs in a file: text, a table or Parquet, of any length. It is read piece by piece.

import { UsageError } from "../../core/errors.ts";
import { storage } from "../../core/store/storage.node.ts";
import { extensionOf } from "../decode/file-names.ts";
import { columnNames } from "./columns.ts";
import { namesInCsv } from "./csv.node.ts";
import { namesInParquet } from "./parquet.node.ts";
import { namesInText, piecesOf, type SizedFile } from "./text.node.ts";

/** How a list is read. */
export interface ListOptions {
  /** The column with the names, of a table or Parquet; default: one called file, path, address or url, else the first. */
  readonly column?: string | undefined;
}

/**
 * The names in the list at `place`, a path or an address of an object store, one after another: the lines of a text, or by its extension the
 * column of a table (.csv, .tsv) or of Parquet (.parquet, .pq). Empty names are left out. Throws a UsageError for a list that is missing or
 * damaged, or has no such column.
 */
export async function* listedNames(place: string, { column }: ListOptions = {}): AsyncGenerator<string, void, undefined> {
  const extension = extensionOf(place.slice(Math.max(place.lastIndexOf("/"), place.lastIndexOf("\\")) + 1));
  const file = await open(place);
  if (extension === "parquet" || extension === "pq") yield* namesInParquet(file, columnNames(column));
  else if (extension === "csv" || extension === "tsv") yield* namesInCsv(file, columnNames(column), extension === "tsv" ? "\t" : ",");
  else if (column !== undefined)
    throw new UsageError(`${place} is read as text, which has no columns`, "Call a table .csv, .tsv or .parquet, or leave --column out.");
  else yield* namesInText(piecesOf(file), place);
}

async function open(place: string): Promise<SizedFile> {
  const { store, key } = storage.openFile(place);
  const found = await store.stat(key);
  if (!found) throw new UsageError(`The list ${place} does not exist`, "Give the path or address of a file of text, CSV or Parquet.");
  return { name: place, bytes: found.bytes, range: (start, length) => store.getRange(key, start, length) };
}
