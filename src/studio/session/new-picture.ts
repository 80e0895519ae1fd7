// Pictures that the page adds: where they go, under names that are safe everywhere, and whether they are pictures at all.

import { UsageError } from "../../core/errors.ts";
import { UNPRINTABLE } from "../../core/unprintable.ts";
import { extensionOf, kindOfFile } from "../../data/decode/file-names.ts";
import { ImageError } from "../../data/decode/image.ts";
import { checkFile } from "../../data/decode/image-header.ts";
import { checkedClassName } from "../labels/class-name.ts";
import type { NewPicture } from "../protocol/photographs.ts";

const MOST_CHARACTERS = 100;

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
  const extension = extensionOf(last) === "" ? "" : `.${extensionOf(last)}`;
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

/** Throws a UsageError for bytes that are no picture, by their first ones. */
export function checkPicture(file: string, bytes: Uint8Array): void {
  try {
    checkFile(bytes);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new UsageError(
      `${file} is no picture that can be read: ${error.message}`,
      "Add photographs in a usual format, such as JPEG or PNG.",
      { cause: error },
    );
  }
}
