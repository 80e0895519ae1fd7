// Files that a table or a list names: each must lie in the data set's folder, and is found however its letters are spelt in Unicode.

import { readdir } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { extensionOf, type Item, kindOfFile } from "../items.ts";
import type { RowName } from "../targets.ts";

/** A file that was named, found or not. */
export type NamedFile = Pick<Item, "file" | "name">;

/**
 * The files `names`, each with `suffix` after it, in `folder` of `root`. Throws a UsageError for a name that leads out of the folder, and
 * where more than a tenth of the files are not there; those fewer are found out when the images are checked.
 */
export async function findNamed(
  root: string,
  folder: string,
  names: readonly string[],
  { suffix = "", rowName }: { suffix?: string | undefined; rowName: RowName },
): Promise<NamedFile[]> {
  const base = resolve(root, folder);
  if (isAbsolute(folder) || !inside(base, root))
    throw new UsageError(`The folder ${folder} is not inside ${root}`, "Name the folder relative to the data's.");
  const listings = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const missing: { index: number; name: string; alike: string | undefined }[] = [];
  const files: NamedFile[] = [];
  for (const [index, name] of names.entries()) {
    const asked = resolveName(base, name, suffix, rowName(index));
    const place = dirname(asked);
    const listing = listings.get(place) ?? listingOf(place);
    listings.set(place, listing);
    const found = (await listing).get(basename(asked).normalize("NFC"));
    const file = found === undefined ? asked : join(place, found);
    files.push({ file, name: relative(root, file).split(sep).join("/") });
    if (found === undefined) missing.push({ index, name: `${name}${suffix}`, alike: alike(await listing, basename(asked)) });
  }
  const [first] = missing;
  if (first && missing.length * 10 > names.length) {
    const which =
      missing.length === 1 ? `The image "${first.name}"` : `${missing.length} of ${names.length} images, the first "${first.name}"`;
    const are = missing.length === 1 ? "is" : "are";
    throw new UsageError(
      `${which} of ${rowName(first.index)}, ${are} not in ${base}`,
      first.alike === undefined
        ? "Check the folder and the names."
        : `There is "${first.alike}": is the suffix "${first.alike.slice(basename(first.name).length)}" missing?`,
    );
  }
  return files;
}

function resolveName(base: string, name: string, suffix: string, row: string): string {
  if (name === "") throw new UsageError(`There is no file name in ${row}`, "Fill it in, or take the row out.");
  const file = name.includes("\0") || suffix.includes("\0") ? undefined : resolve(base, `${name}${suffix}`);
  if (file === undefined || file === base || isAbsolute(name) || !inside(file, base))
    throw new UsageError(
      `The file name ${JSON.stringify(name)} of ${row} does not lead to a file in ${base}`,
      "Name files relative to that folder.",
    );
  return file;
}

function inside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The names in a folder by their composed form; none where it cannot be read. */
async function listingOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder).catch(() => []);
  return new Map(names.map((name) => [name.normalize("NFC"), name]));
}

/** An image that is called like `name`, with an extension. */
function alike(listing: ReadonlyMap<string, string>, name: string): string | undefined {
  for (const found of listing.values())
    if (
      found.startsWith(`${name}.`) &&
      !found.slice(name.length + 1).includes(".") &&
      kindOfFile(found) === "image" &&
      extensionOf(found) !== ""
    )
      return found;
  return undefined;
}
