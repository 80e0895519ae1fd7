// The names of very many photographs, one after another, so that they need no memory.

import { createInterface } from "node:readline";
import type { WorkOptions } from "../../core/progress.ts";
import { isS3Address } from "../../core/store/s3/address.ts";
import { placeIn } from "../../core/store/s3/place-in.node.ts";
import { formatOfName } from "../../data/decode/file-names.ts";
import { imagesBelow } from "../../data/sources/listed-images.node.ts";
import { findPhotographs } from "./files.ts";

/**
 * The names of the photographs that `paths` stand for: files, folders, addresses, and "-" for the lines of standard input. What lies at an
 * address comes as it is listed.
 */
export async function* namesIn(paths: readonly string[], work: WorkOptions = {}): AsyncGenerator<string, void, undefined> {
  for (const path of paths) {
    if (path === "-") yield* lines(process.stdin);
    else if (isS3Address(path) && formatOfName(path) === undefined)
      for await (const name of imagesBelow(path, work)) yield placeIn(path, name);
    else for (const { file } of await findPhotographs([path], work.onWarning)) yield file;
  }
}

async function* lines(input: NodeJS.ReadableStream): AsyncGenerator<string, void, undefined> {
  for await (const line of createInterface({ input })) if (line !== "") yield line;
}
