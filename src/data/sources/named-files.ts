// Files that a table or a list names: each must lie in the data set's folder, and is found however its letters are spelt in Unicode.

import { UsageError } from "../../core/errors.ts";
import type { RowName } from "../dataset/targets.ts";
import { extensionOf, kindOfFile } from "../decode/file-names.ts";
import type { FileTree } from "../files/file-tree.ts";

/**
 * The names in `tree` of the files `names`, each with `suffix` after it, in `folder`. Throws a UsageError for a name that leads out of the
 * folder, and if more than a tenth of the files are missing; fewer are found when the images are checked.
 */
export async function findNamed(
  tree: FileTree,
  folder: string,
  names: readonly string[],
  { suffix = "", rowName }: { suffix?: string | undefined; rowName: RowName },
): Promise<string[]> {
  const base = tree.resolve("", folder);
  if (base === undefined)
    throw new UsageError(`The folder ${folder} is not inside ${tree.path}`, "Name the folder relative to the data's.");
  const listings = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const missing: { index: number; name: string; last: string; alike: string | undefined }[] = [];
  const files: string[] = [];
  for (const [index, name] of names.entries()) {
    const asked = resolveName(tree, base, name, suffix, rowName(index));
    const slash = asked.lastIndexOf("/");
    const [place, last] = [asked.slice(0, Math.max(0, slash)), asked.slice(slash + 1)];
    const listing = listings.get(place) ?? listingOf(tree, place);
    listings.set(place, listing);
    const found = (await listing).get(last.normalize("NFC"));
    files.push(found === undefined ? asked : asked.slice(0, slash + 1) + found);
    if (found === undefined) missing.push({ index, name: `${name}${suffix}`, last, alike: alike(await listing, last) });
  }
  const [first] = missing;
  if (first && missing.length * 10 > names.length) {
    const which =
      missing.length === 1 ? `The image "${first.name}"` : `${missing.length} of ${names.length} images, the first "${first.name}"`;
    const are = missing.length === 1 ? "is" : "are";
    throw new UsageError(
      `${which} of ${rowName(first.index)}, ${are} not in ${tree.locate(base)}`,
      first.alike === undefined
        ? "Check the folder and the names."
        : `There is "${first.alike}": is the suffix "${first.alike.slice(first.last.length)}" missing?`,
    );
  }
  return files;
}

/** Whether `name`, with `suffix` after it, is a file in `folder` of `tree`. */
export async function isNamed(tree: FileTree, folder: string, name: string, suffix = ""): Promise<boolean> {
  const base = tree.resolve("", folder);
  const found = base === undefined || name === "" ? undefined : tree.resolve(base, `${name}${suffix}`);
  if (found === undefined) return false;
  const slash = found.lastIndexOf("/");
  const last = found.slice(slash + 1).normalize("NFC");
  const entries = await tree.entries(found.slice(0, Math.max(0, slash))).catch(() => []);
  return entries.some((entry) => entry.kind === "file" && entry.name.normalize("NFC") === last);
}

function resolveName(tree: FileTree, base: string, name: string, suffix: string, row: string): string {
  if (name === "") throw new UsageError(`There is no file name in ${row}`, "Fill it in, or take the row out.");
  const found = tree.resolve(base, `${name}${suffix}`);
  if (found === undefined || found === base)
    throw new UsageError(
      `The file name ${JSON.stringify(name)} of ${row} does not lead to a file in ${tree.locate(base)}`,
      "Name files relative to that folder.",
    );
  return found;
}

/** The names in a folder by their composed form. */
async function listingOf(tree: FileTree, folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await tree.namesIn(folder);
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
