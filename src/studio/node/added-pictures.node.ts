// Pictures that the page sends, as files of the photographs' folder: under names that are checked, and never over another file.

import { stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import { diskStore } from "../../core/store/disk.node.ts";
import { UNPRINTABLE } from "../../core/unprintable.ts";
import { kindOfFile } from "../../data/decode/file-names.ts";
import { ImageError } from "../../data/decode/image.ts";
import { checkFile } from "../../data/decode/image-header.ts";
import { checkedClassName } from "../labels/class-name.ts";
import type { NewPicture } from "../protocol/photographs.ts";

const MOST_CHARACTERS = 100;
/** Names that are tried before one is found that is free. */
const MOST_TRIES = 10_000;

/** Where a picture goes: the folder of its class, or the top, and a file name that is safe everywhere. */
export function placeFor({ name, class: given }: Pick<NewPicture, "name" | "class">): {
  readonly folder: string | undefined;
  readonly file: string;
} {
  const parts = name
    .replaceAll("\\", "/")
    .split("/")
    .filter((part) => part !== "");
  const last = parts.at(-1) ?? "";
  const above = given ?? parts.at(-2);
  const folder = above === undefined ? undefined : checkedClassName(above);
  const extension = extname(last).toLowerCase();
  const base = last
    .slice(0, last.length - extension.length)
    .normalize("NFC")
    .replaceAll(UNPRINTABLE, "")
    .replaceAll(/[<>:"|?*]/g, "-")
    .replace(/^[.\s]+/, "")
    .slice(0, MOST_CHARACTERS)
    .trim();
  const file = `${base || "picture"}${/^\.[a-z0-9]{1,5}$/.test(extension) ? extension : ".jpg"}`;
  if (kindOfFile(file) !== "image")
    throw new UsageError(
      `${last.slice(0, MOST_CHARACTERS).replaceAll(UNPRINTABLE, "?")} is not called like a picture`,
      "Add JPEG, PNG, WebP, AVIF, GIF, TIFF or BMP files.",
    );
  return { folder, file };
}

/** Writes a picture into `root` and returns its name there. Throws a UsageError for bytes that are no picture. */
export async function writePicture(root: string, picture: NewPicture): Promise<string> {
  const { folder, file } = placeFor(picture);
  try {
    checkFile(picture.bytes);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new UsageError(
      `${file} is no picture that can be read: ${error.message}`,
      "Add photographs in a usual format, such as JPEG or PNG.",
      { cause: error },
    );
  }
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
