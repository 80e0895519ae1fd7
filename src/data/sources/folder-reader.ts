// Walks the folders of a data set: finds the images, follows links without going in circles, and counts what it passes by.

import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { systemCode } from "../../core/system-error.ts";
import { byText, extensionOf, type Item, kindOfFile } from "../items.ts";

/** How folders of classes must lie, for hints. */
export const LAYOUT =
  "Put the images of each class into a folder of their own: " +
  "<folder>/train/<class>/ and <folder>/valid/<class>/, or simply <folder>/<class>/.";

/** Reads the images of one data set, and counts what it passes by. */
export class FolderReader {
  readonly root: string;
  /** Number of files that lay beside the images (text, tables and the like). */
  ignored = 0;
  private readonly unknown = new Map<string, number>();
  private readonly dead: string[] = [];
  private readonly circular: string[] = [];

  constructor(root: string) {
    this.root = root;
  }

  /** The images of each folder of `folders` below `prefix`, labelled with the folder's index among the classes. */
  async labelled(prefix: string, folders: readonly string[], classes: readonly string[] = folders): Promise<Item[]> {
    const parts: Item[][] = [];
    for (const folder of folders) parts.push(await this.images(`${prefix}${folder}`, classes.indexOf(folder)));
    return parts.flat();
  }

  /** The images in `folder` ("" for the root) and below, sorted by name. Each folder is read once, however many links lead to it. */
  async images(folder: string, label: number): Promise<Item[]> {
    const items: Item[] = [];
    const links: string[] = [];
    await this.walk(folder, label, items, links);
    const read = [await realpath(join(this.root, folder))];
    for (let link = links.shift(); link !== undefined; link = links.shift()) {
      const target = await realpath(join(this.root, link));
      if (read.some((place) => holds(place, target) || holds(target, place))) {
        this.circular.push(link);
      } else {
        read.push(target);
        await this.walk(link, label, items, links);
      }
    }
    return items.sort((a, b) => byText(a.name, b.name));
  }

  /** Warns of what was passed by. */
  report(onWarning: WorkOptions["onWarning"]): void {
    for (const [extension, count] of this.unknown) {
      const files = count === 1 ? `1 file of type .${extension} is` : `${count} files of type .${extension} are`;
      onWarning?.({
        message: `${files} left out: thaw reads JPEG, PNG, WebP, GIF, AVIF and TIFF`,
        hint: "Convert them to JPEG or PNG to use them.",
      });
    }
    const [dead] = this.dead;
    if (dead !== undefined)
      onWarning?.({
        message: `${counted(this.dead.length, "link leads", "links lead")} nowhere, the first ${dead}`,
        hint: "Delete or mend them.",
      });
    const [circular] = this.circular;
    if (circular !== undefined)
      onWarning?.({
        message: `${counted(this.circular.length, "link is", "links are")} not followed, the first ${circular}`,
        hint: "The folder that it leads to is read already, or holds the link itself.",
      });
  }

  private async walk(folder: string, label: number, items: Item[], links: string[]): Promise<void> {
    for (const entry of await entriesOf(this.root, folder)) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const file = join(this.root, ...name.split("/"));
      const kind = entry.isSymbolicLink() ? await kindOf(file) : entry.isDirectory() ? "folder" : entry.isFile() ? "file" : "other";
      if (kind === undefined) this.dead.push(name);
      else if (kind === "folder" && entry.isSymbolicLink()) links.push(name);
      else if (kind === "folder") await this.walk(name, label, items, links);
      else if (kind === "file") this.sort(items, { file, name, label });
    }
  }

  private sort(items: Item[], item: Item): void {
    const kind = kindOfFile(item.name.slice(item.name.lastIndexOf("/") + 1));
    if (kind === "image") items.push(item);
    else if (kind === "other") this.ignored++;
    else this.unknown.set(extensionOf(item.name), (this.unknown.get(extensionOf(item.name)) ?? 0) + 1);
  }
}

/** Names of the folders in `folder` of `root`, sorted. Throws as entriesOf does. */
export async function foldersIn(root: string, folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await entriesOf(root, folder)) {
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await kindOf(join(root, folder, entry.name))) === "folder"))
      names.push(entry.name);
  }
  return names.sort(byText);
}

/** What lies in `folder` of `root`, without hidden files. Throws a UsageError for a folder that is missing or cannot be read. */
export async function entriesOf(root: string, folder: string): Promise<Dirent[]> {
  const path = join(root, ...folder.split("/"));
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => !entry.name.startsWith("."));
  } catch (error) {
    const cause = { cause: error };
    const code = systemCode(error);
    if (code === "ENOENT")
      throw new UsageError(
        `The folder ${path} does not exist`,
        "Check the path; it is taken from the folder in which the program was started.",
        cause,
      );
    if (code === "ENOTDIR") throw new UsageError(`${path} is a file, not a folder`, LAYOUT, cause);
    if (code === "ERR_INVALID_ARG_VALUE" || code === "ENAMETOOLONG" || code === "ELOOP")
      throw new UsageError(`${JSON.stringify(path)} is not the path of a folder`, "Check the path.", cause);
    if (code === "EACCES" || code === "EPERM")
      throw new UsageError(`The folder ${path} cannot be read: no permission`, "Change its permissions, or choose another folder.", cause);
    throw error;
  }
}

/** What a path leads to, links followed; undefined where that is nothing. */
async function kindOf(path: string): Promise<"file" | "folder" | "other" | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && (found.isFile() ? "file" : found.isDirectory() ? "folder" : "other");
}

function holds(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function counted(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}
