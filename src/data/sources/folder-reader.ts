// Walks the folders of a data set: finds the images, follows links without going in circles, and counts what it passes by.

import type { WorkOptions } from "../../core/progress.ts";
import { byText, type Item } from "../dataset/items.ts";
import type { Target } from "../dataset/targets.ts";
import { extensionOf, kindOfFile } from "../decode/file-names.ts";
import type { FileTree } from "../files/file-tree.ts";

/** Reads the images of one data set, and counts what it passes by. */
export class FolderReader {
  readonly tree: FileTree;
  /** Number of files that lay beside the images (text, tables and the like). */
  ignored = 0;
  private readonly unknown = new Map<string, number>();
  private readonly dead: string[] = [];
  private readonly circular: string[] = [];

  constructor(tree: FileTree) {
    this.tree = tree;
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
    const read = [await this.tree.realPlace(folder)];
    for (let link = links.shift(); link !== undefined; link = links.shift()) {
      const target = await this.tree.realPlace(link);
      if (read.some((place) => target.startsWith(place) || place.startsWith(target))) {
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
    for (const { name: last, kind, isLink } of await this.tree.entries(folder)) {
      const name = folder === "" ? last : `${folder}/${last}`;
      if (kind === "nothing") this.dead.push(name);
      else if (kind === "folder" && isLink) links.push(name);
      else if (kind === "folder") await this.walk(name, label, items, links);
      else if (kind === "file") this.sort(items, name, label);
    }
  }

  private sort(items: Item[], name: string, label: number): void {
    const kind = kindOfFile(name.slice(name.lastIndexOf("/") + 1));
    if (kind === "image") items.push(itemIn(this.tree, name, { label }));
    else if (kind === "other") this.ignored++;
    else this.unknown.set(extensionOf(name), (this.unknown.get(extensionOf(name)) ?? 0) + 1);
  }
}

/** The image `name` of `tree` with its target. */
export function itemIn(tree: FileTree, name: string, target: Target): Item {
  const file = tree.locate(name);
  return tree.read ? { file, name, read: () => tree.read!(name), ...target } : { file, name, ...target };
}

/** Names of the folders in `folder` of `tree`, sorted. Throws as its entries do. */
export async function foldersIn(tree: FileTree, folder: string): Promise<string[]> {
  const entries = await tree.entries(folder);
  return entries
    .filter(({ kind }) => kind === "folder")
    .map(({ name }) => name)
    .sort(byText);
}

function counted(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}
