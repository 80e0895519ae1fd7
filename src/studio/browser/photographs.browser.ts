// The photographs of a page: a tree that the user opened, and over it those that were added, which the browser's own storage keeps.

import { UsageError } from "../../core/errors.ts";
import type { Store } from "../../core/store/store.ts";
import { ImageError } from "../../data/decode/image.ts";
import type { FileTree, TreeEntry } from "../../data/files/file-tree.ts";
import { namedTree, type RemoteFile } from "../../data/files/named-tree.ts";

export class Photographs {
  readonly #base: FileTree | undefined;
  readonly #store: Store;
  readonly #path: string;
  readonly #added = new Map<string, RemoteFile>();
  /** The tables that runs read, by their names. */
  readonly #tables = new Map<string, Uint8Array>();

  private constructor(path: string, base: FileTree | undefined, store: Store) {
    this.#path = path;
    this.#base = base;
    this.#store = store;
  }

  /** The photographs in `base`, if there is one, and those in `store`. */
  static async open(path: string, base: FileTree | undefined, store: Store): Promise<Photographs> {
    const photographs = new Photographs(path, base, store);
    for (const { key, bytes, modified } of await store.list("")) photographs.#know(key, { bytes, modified });
    return photographs;
  }

  /** All of them, as one tree. */
  get tree(): FileTree {
    const base = this.#base;
    const added = (): FileTree => namedTree(this.#path, async () => this.#added);
    const both = async <Value>(work: (tree: FileTree) => Promise<readonly Value[]>): Promise<readonly Value[]> => {
      const results = await Promise.all([base, added()].map((tree) => (tree ? work(tree).catch(absent) : [])));
      return results.flat() as Value[];
    };
    return {
      ...added(),
      async entries(folder) {
        const found = new Map((await both((tree) => tree.entries(folder))).map((entry: TreeEntry) => [entry.name, entry]));
        return [...found.values()];
      },
      namesIn: async (folder) => [...new Set(await both((tree) => tree.namesIn(folder)))],
      read: (name) => (this.#has(name) ? added().read?.(name) : base?.read?.(name)) ?? missing(),
      start: (name) => (this.#has(name) ? added().start?.(name) : (base?.start ?? base?.read)?.(name)) ?? missing(),
      stat: async (name) => (this.#has(name) ? added().stat?.(name) : base?.stat?.(name)),
      readTable: async (name) => {
        const bytes = this.#tables.get(name);
        if (!bytes) throw new UsageError(`The table ${name} does not exist`, "It belongs to a run that was deleted.");
        return { name, bytes };
      },
    };
  }

  /** Keeps a picture under `name`. */
  async add(name: string, bytes: Uint8Array): Promise<void> {
    await this.#store.put(name, bytes);
    const entry = await this.#store.stat(name);
    this.#know(name, entry && { bytes: entry.bytes, modified: entry.modified });
  }

  /** Lets runs read a table. */
  setTable(name: string, csv: string): void {
    this.#tables.set(name, new TextEncoder().encode(csv));
  }

  #has(name: string): boolean {
    return this.#added.has(name);
  }

  #know(name: string, status: RemoteFile["status"]): void {
    const read = async (): Promise<Uint8Array> => {
      const found = await this.#store.get(name);
      if (!found) throw new ImageError("file not found");
      return found;
    };
    this.#added.set(name, { read, ...(status && { status }) });
  }
}

function missing(): Promise<never> {
  return Promise.reject(new ImageError("file not found"));
}

/** A folder that only the other tree has. */
function absent(error: unknown): [] {
  if (error instanceof UsageError) return [];
  throw error;
}
