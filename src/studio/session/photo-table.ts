// The photographs of a folder by number: their files, the folder of a class that each lies in, and what is known of their images.

import type { ImageFacts, Item } from "../../data/dataset/items.ts";
import type { FileTree } from "../../data/files/file-tree.ts";
import type { Failure } from "../../data/load/image-file.ts";
import { FolderReader, foldersIn, itemIn } from "../../data/sources/folder-reader.ts";
import { findLayout, type Layout } from "../../data/sources/layout.ts";
import type { PhotoId } from "../protocol/photographs.ts";
import { NameOrder } from "./name-order.ts";

/** Folders whose pictures have no label yet. */
const UNLABELLED: ReadonlySet<string> = new Set(["unlabelled", "unlabeled", "unsorted"]);

/** Whether a folder is called like the class of its pictures. */
export function isClassFolder(folder: string): boolean {
  return !UNLABELLED.has(folder.toLowerCase());
}

/** Where a photograph lies: which part it belongs to, and the folder in it, which is called like its class. */
export interface Place {
  readonly part: "train" | "valid" | "test";
  readonly folder: string | undefined;
}

export class PhotoTable {
  readonly tree: FileTree;
  readonly #layout: Pick<Layout, "train" | "valid" | "test">;
  readonly #items: Item[] = [];
  readonly #ids = new Map<string, PhotoId>();
  readonly #order = new NameOrder();
  readonly #facts: (ImageFacts | Failure | undefined)[] = [];
  /** Photographs whose files are gone. */
  readonly #gone = new Set<PhotoId>();

  private constructor(tree: FileTree, layout: Pick<Layout, "train" | "valid" | "test">) {
    this.tree = tree;
    this.#layout = layout;
  }

  /** Lists the photographs in `tree`, sorted by name, in any layout. Throws a UsageError for a folder that cannot be read. */
  static async read(tree: FileTree): Promise<{ readonly table: PhotoTable; readonly classes: readonly string[] }> {
    const top = await foldersIn(tree, "");
    // A layout that nothing can be trained on, such as "valid" alone, can be looked at all the same: then all folders are classes.
    const layout = await findLayout(new FolderReader(tree), {}).catch(() => ({
      train: "",
      valid: undefined,
      test: undefined,
      classes: top,
    }));
    const table = new PhotoTable(tree, layout);
    for (const { name } of await new FolderReader(tree).images("", -1)) table.add(name);
    return { table, classes: layout.classes.filter(isClassFolder) };
  }

  /** Their number, with those that are gone. */
  get count(): number {
    return this.#items.length;
  }

  /** The numbers of those that are there. */
  *ids(): Generator<PhotoId> {
    for (let id = 0; id < this.#items.length; id++) if (!this.#gone.has(id)) yield id;
  }

  has(id: PhotoId): boolean {
    return Number.isInteger(id) && id >= 0 && id < this.#items.length && !this.#gone.has(id);
  }

  item(id: PhotoId): Item {
    return this.#items[id] as Item;
  }

  name(id: PhotoId): string {
    return this.item(id).name;
  }

  /** Greater for a photograph that comes later in the order of names; it changes when photographs are added or renamed. */
  placeInOrder(id: PhotoId): number {
    return this.#order.placeOf(this.name(id));
  }

  /** Undefined if there is no such photograph. */
  idOf(name: string): PhotoId | undefined {
    const id = this.#ids.get(name);
    return id !== undefined && this.has(id) ? id : undefined;
  }

  /** Where the photograph called `name` lies. */
  placeOf(name: string): Place {
    const { train, valid, test } = this.#layout;
    for (const [part, folder] of [
      ["valid", valid],
      ["test", test],
      ["train", train],
    ] as const) {
      if (folder === undefined || !(folder === "" || name.startsWith(`${folder}/`))) continue;
      const inside = folder === "" ? name : name.slice(folder.length + 1);
      const end = inside.indexOf("/");
      return { part, folder: end < 0 ? undefined : inside.slice(0, end) };
    }
    return { part: "train", folder: undefined };
  }

  /** The name of the folder of the class `className` in the part that `name` lies in. */
  folderOf(className: string, name: string): string {
    const folder = this.#layout[this.placeOf(name).part] ?? this.#layout.train;
    return folder === "" ? className : `${folder}/${className}`;
  }

  facts(id: PhotoId): ImageFacts | Failure | undefined {
    return this.#facts[id];
  }

  setFacts(id: PhotoId, facts: ImageFacts | Failure): void {
    this.#facts[id] = facts;
  }

  /** Adds the photograph called `name`, or finds it. */
  add(name: string): PhotoId {
    const known = this.#ids.get(name);
    if (known !== undefined) {
      this.#gone.delete(known);
      return known;
    }
    const id = this.#items.length;
    this.#items.push(itemIn(this.tree, name, { label: -1 }));
    this.#ids.set(name, id);
    this.#order.add(name);
    return id;
  }

  /** The photograph has another name now. */
  rename(id: PhotoId, name: string): void {
    this.#ids.delete(this.name(id));
    this.#items[id] = itemIn(this.tree, name, { label: -1 });
    this.#ids.set(name, id);
    this.#order.add(name);
  }

  remove(id: PhotoId): void {
    this.#gone.add(id);
  }
}
