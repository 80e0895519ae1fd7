// Files by names and bytes, as a browser has those that a user picked: the least that a tree of files must have.

import { UsageError } from "../../src/core/errors.ts";
import { ImageError } from "../../src/data/decode/image.ts";
import type { FileTree } from "../../src/data/files/file-tree.ts";

/** A tree that messages call "memory". */
export function memoryTree(contents: ReadonlyMap<string, Uint8Array>): FileTree {
  const below = (folder: string): string[] => {
    const prefix = folder === "" ? "" : `${folder}/`;
    return [...contents.keys()].flatMap((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : []));
  };
  const namesIn = async (folder: string) => [...new Set(below(folder).map((name) => name.split("/")[0]!))];
  const locate = (name: string) => (name === "" ? "memory" : `memory/${name}`);
  return {
    path: "memory",
    locate,
    namesIn,
    async entries(folder) {
      const names = await namesIn(folder);
      if (names.length === 0) throw new UsageError(`The folder ${locate(folder)} does not exist`, "Check the names.");
      const kindOf = (name: string) => (contents.has(folder === "" ? name : `${folder}/${name}`) ? "file" : "folder");
      return names.filter((name) => !name.startsWith(".")).map((name) => ({ name, kind: kindOf(name), isLink: false }));
    },
    resolve: (folder, path) => [folder, path].filter((part) => part !== "").join("/"),
    realPlace: async (folder) => `${locate(folder)}/`,
    async read(name) {
      const bytes = contents.get(name);
      if (!bytes) throw new ImageError("file not found");
      return bytes;
    },
    async readTable(path) {
      const bytes = contents.get(path);
      if (!bytes) throw new UsageError(`The table ${path} does not exist`, "Check the names.");
      return { name: path.slice(path.lastIndexOf("/") + 1), bytes };
    },
  };
}
