// Walks the folders of a data set: finds the images, follows links without going in circles, and remembers what it passes by.

import { files } from "#files";
import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { byText, type Item } from "../dataset/items.ts";
import type { Target } from "../dataset/targets.ts";
import { extensionOf, kindOfFile } from "../decode/file-names.ts";
import { isPlainText } from "../decode/image.ts";
import type { FileTree } from "../files/file-tree.ts";
import { PassedBy, UNDECODABLE_HINT } from "./passed-by.ts";

/** Reads the images of one data set, and remembers what it passes by. */
export class FolderReader {
  readonly tree: FileTree;
  readonly passedBy = new PassedBy();

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
        this.passedBy.circular.push(link);
      } else {
        read.push(target);
        await this.walk(link, label, items, links);
      }
    }
    return items.sort((a, b) => byText(a.name, b.name));
  }

  /** What lies in `folder` itself: the number of folders, and the names of files that are pictures, of kinds that are not read too. */
  async contents(folder: string): Promise<{ readonly folders: number; readonly pictures: readonly string[] }> {
    const entries = await this.tree.entries(folder);
    const pictures: string[] = [];
    for (const { name: last, kind } of entries) {
      const name = below(folder, last);
      if (kind === "file" && (await this.kindOf(name)) !== "other") pictures.push(name);
    }
    return { folders: entries.filter(({ kind }) => kind === "folder").length, pictures };
  }

  /** Warns of what was passed by. */
  report(onWarning: WorkOptions["onWarning"]): void {
    this.passedBy.report(onWarning);
  }

  private async walk(folder: string, label: number, items: Item[], links: string[]): Promise<void> {
    for (const { name: last, kind, isLink, undecodable } of await this.tree.entries(folder)) {
      const name = below(folder, last);
      if (undecodable) {
        if (kind === "folder" || kindOfFile(last) === "image") this.passedBy.undecodable.push(name);
      } else if (kind === "nothing") this.passedBy.dead.push(name);
      else if (kind === "folder" && isLink) links.push(name);
      else if (kind === "folder") await this.walk(name, label, items, links);
      else if (kind === "file") await this.sort(items, name, label);
    }
  }

  private async sort(items: Item[], name: string, label: number): Promise<void> {
    const kind = await this.kindOf(name);
    if (kind === "image") items.push(itemIn(this.tree, name, { label }));
    else if (kind === "other") this.passedBy.beside++;
    else this.passedBy.unknown.push(name);
  }

  /** The kind of a file by its name, and without an extension by its first bytes: README and LICENSE are text. */
  private async kindOf(name: string): Promise<ReturnType<typeof kindOfFile>> {
    const last = name.slice(name.lastIndexOf("/") + 1);
    const kind = kindOfFile(last);
    if (kind !== "image" || extensionOf(last) !== "") return kind;
    const { tree } = this;
    const start = tree.read ? await (tree.start ?? tree.read)(name).catch(() => undefined) : await files.start(tree.locate(name));
    return start && isPlainText(start) ? "other" : "image";
  }
}

function below(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** The image `name` of `tree` with its target. */
export function itemIn(tree: FileTree, name: string, target: Target): Item {
  const file = tree.locate(name);
  if (!tree.read) return { file, name, ...target };
  return { file, name, read: () => tree.read!(name), stat: async () => tree.stat?.(name), ...target };
}

/**
 * Names of the folders in `folder` of `tree`, sorted. Throws as its entries do, and a UsageError for a folder whose name is not UTF-8: a
 * class would be missing.
 */
export async function foldersIn(tree: FileTree, folder: string): Promise<string[]> {
  const entries = (await tree.entries(folder)).filter(({ kind }) => kind === "folder");
  const undecodable = entries.find((entry) => entry.undecodable);
  if (undecodable)
    throw new UsageError(`The name of the folder "${undecodable.name}" in ${tree.locate(folder)} is not UTF-8`, UNDECODABLE_HINT);
  return entries.map(({ name }) => name).sort(byText);
}

/**
 * The folder that the user calls `named`, relative to the root of `tree`, whose folders are `top`; undefined for none. Throws a UsageError if
 * it is not there.
 */
export function placeOf(tree: FileTree, top: readonly string[], named: string | undefined): string | undefined {
  if (named === undefined) return undefined;
  const place = tree.resolve("", named);
  const [first] = place?.split("/") ?? [];
  if (place !== undefined && (place === "" || top.includes(first as string))) return place;
  throw new UsageError(
    `The folder ${tree.path} has no folder "${named}"`,
    top.length === 0 ? "It has no folders at all." : `It has: ${top.join(", ")}.`,
  );
}
