// The command that repeats a run.

import { shellWord } from "../../core/shell-word.ts";
import type { TrainOptions } from "../options.ts";

/** What a run learnt from, as it was given. */
export type Given = Pick<TrainOptions, "parts" | "csv" | "table"> & {
  /** The folder, or what its tree of files is called. */
  readonly folder: string;
};

/** The command that does again what was done with `given`, by the recipe in `file`, in a project that has thaw; for a POSIX shell. */
export function repeatCommand({ folder, parts = {}, csv, table = {} }: Given, file: string): string {
  const { labelColumns = [], suffix, catSeparator, separator, skipHeader, continuous, multiLabel } = table;
  const option = (name: string, value: string | undefined): readonly string[] => (value === undefined ? [] : [name, value]);
  const words = [
    folder,
    ...option("--train", parts.trainName),
    ...option("--valid", parts.validName),
    ...option("--test", parts.testName),
    ...option("--csv", csv),
    ...[labelColumns].flat().flatMap((column) => option("--label-column", column)),
    ...option("--suffix", suffix),
    ...option("--labels-separator", catSeparator),
    ...option("--separator", separator),
    ...(skipHeader === undefined ? [] : [skipHeader ? "--header" : "--no-header"]),
    ...(continuous ? ["--continuous"] : []),
    ...(multiLabel ? ["--multi-label"] : []),
    ...option("--recipe", file),
    ...option("--out", "again"),
  ];
  return ["npx thaw train", ...words.map(shellWord)].join(" ");
}
