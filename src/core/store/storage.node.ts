// Storage in Node: the disk.

import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { cacheFor } from "../cache-folder.node.ts";
import { diskStore } from "./disk.node.ts";
import { openSharedLog } from "./shared-log.node.ts";
import type { Storage } from "./storage.ts";
import type { StoredFile } from "./store.ts";

const openFile = (path: string): StoredFile => ({ store: diskStore(dirname(path)), key: basename(path) });

export const storage: Storage = {
  open: diskStore,
  openFile,
  reader: diskStore,
  fileReader: openFile,
  openLog: openSharedLog,
  cacheFor,
  modelHint: "Give the folder that `thaw train` printed at its end, or a zip of it.",
  hash: async (bytes) => createHash("sha256").update(bytes).digest("hex"),
};
