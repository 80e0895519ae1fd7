// Files in a browser: it has no folders that a path leads to.

import { UsageError } from "../../core/errors.ts";
import type { Files } from "./file-tree.ts";

export const files: Files = {
  tree: noFolder,
  resolve: (path) => path,
  stat: async () => undefined,
  start: async () => undefined,
  openLog: noFolder,
};

function noFolder(path: string): never {
  throw new UsageError(`There is no file system here for ${path}`, "Do this in Node.");
}
