// The names of very many photographs, one after another, so that they need no memory.

import { UsageError } from "../../../core/errors.ts";
import type { WorkOptions } from "../../../core/progress.ts";
import { isS3Address } from "../../../core/store/s3/address.ts";
import { placeIn } from "../../../core/store/s3/place-in.node.ts";
import { formatOfName } from "../../../data/decode/file-names.ts";
import { namesInText } from "../../../data/lists/text.node.ts";
import { imagesBelow } from "../../../data/sources/listed-images.node.ts";
import { photographsIn } from "./files.ts";
import type { ListFlags } from "./lists.ts";

/** Throws a UsageError if nothing says which photographs are meant, or --column has no list. */
export function checkNamed(paths: readonly string[], { list, column }: ListFlags): void {
  if (paths.length === 0 && list === undefined)
    throw new UsageError("No photographs are named", "Name files, folders or addresses, or a list of them with --list.");
  if (column !== undefined && list === undefined) throw new UsageError("--column is a column of --list", "Name the list with --list.");
}

/** The names in the lists of `flags`, one after another. */
export async function* namesInLists({ list = [], column }: ListFlags): AsyncGenerator<string, void, undefined> {
  const { listedNames } = await import("../../../data/lists/listed-names.node.ts");
  for (const one of list) yield* listedNames(one, { column });
}

/**
 * The names of the photographs that `paths` stand for: files, folders, addresses, and "-" for the lines of standard input; and those
 * in `lists`. What lies at an address comes as it is listed.
 */
export async function* namesIn(
  paths: readonly string[],
  lists: ListFlags,
  work: WorkOptions = {},
): AsyncGenerator<string, void, undefined> {
  for (const path of paths) {
    if (path === "-") yield* namesInText(process.stdin.setEncoding("utf8"), "Standard input");
    else if (isS3Address(path) && formatOfName(path) === undefined)
      for await (const name of imagesBelow(path, work)) yield placeIn(path, name);
    else for await (const { file } of photographsIn([path], work.onWarning)) yield file;
  }
  yield* namesInLists(lists);
}
