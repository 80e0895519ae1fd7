// Pictures that the page sends, as files of the photographs' folder: under names that are checked, and never over another file.

import { stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import { diskStore } from "../../core/store/disk.node.ts";
import type { NewPicture } from "../protocol/photographs.ts";
import { checkPicture, placeFor } from "../session/new-picture.ts";

/** Names that are tried before one is found that is free. */
const MOST_TRIES = 10_000;

/** Writes a picture into `root` and returns its name there. Throws a UsageError for bytes that are no picture. */
export async function writePicture(root: string, picture: NewPicture): Promise<string> {
  const { folder, file } = placeFor(picture);
  checkPicture(file, picture.bytes);
  const store = diskStore(root);
  const extension = extname(file);
  for (let number = 1; number <= MOST_TRIES; number++) {
    const free = number === 1 ? file : `${file.slice(0, -extension.length)}-${number}${extension}`;
    const name = folder === undefined ? free : `${folder}/${free}`;
    // Whoever makes the file first has the name; its bytes follow.
    if ((await stat(join(root, name)).catch(() => undefined)) || !(await store.create(name, ""))) continue;
    await writeFile(join(root, name), picture.bytes);
    return name;
  }
  throw new UsageError(`There are ${MOST_TRIES} pictures called like ${file}`, "Rename it.");
}
