// The files of a data set, given by a path or as a tree of their own.

import { files } from "#files";
import type { FileTree } from "./file-tree.ts";

/** The files in the folder `place`, or those that it is. */
export function treeOf(place: string | FileTree): FileTree {
  return typeof place === "string" ? files.tree(place) : place;
}
