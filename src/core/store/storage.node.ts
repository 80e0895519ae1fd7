// Storage in Node: the disk.

import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { cacheBeside } from "../cache-folder.node.ts";
import { diskStore } from "./disk.node.ts";
import type { Storage } from "./storage.ts";

export const storage: Storage = {
  open: diskStore,
  openFile: (path) => ({ store: diskStore(dirname(path)), key: basename(path) }),
  reader: diskStore,
  cacheBeside,
  hash: async (bytes) => createHash("sha256").update(bytes).digest("hex"),
};
