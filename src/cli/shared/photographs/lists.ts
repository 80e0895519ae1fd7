// The options that name lists of photographs.

import type { Command } from "commander";

/** Lists of photographs, as an option names them. */
export interface ListFlags {
  list?: readonly string[];
  column?: string;
}

/** Adds --list and --column to `command`. */
export function addLists(command: Command): Command {
  return command
    .option(
      "--list <file>",
      "photographs named in a text (one on each line), .csv, .tsv or .parquet; may be repeated",
      (value, before: readonly string[] = []) => [...before, value],
    )
    .option("--column <name>", "the column of --list with the names (default: file, path, address or url, else the first)");
}
