// Storage in Node: the disk, and object stores.

import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { cacheFor } from "../cache-folder.node.ts";
import { diskStore } from "./disk.node.ts";
import { isS3Address } from "./s3/address.ts";
import { s3Store } from "./s3/store.node.ts";
import { openSharedLog } from "./shared-log.node.ts";
import type { Storage } from "./storage.ts";
import type { Store, StoredFile } from "./store.ts";

/** The store in the folder or at the address `place`. */
const open = (place: string): Store => (isS3Address(place) ? s3Store(place) : diskStore(place));

function openFile(path: string): StoredFile {
  if (!isS3Address(path)) return { store: diskStore(dirname(path)), key: basename(path) };
  const end = path.lastIndexOf("/");
  return { store: s3Store(path.slice(0, end)), key: path.slice(end + 1) };
}

export const storage: Storage = {
  open,
  openFile,
  reader: open,
  fileReader: openFile,
  openLog: openSharedLog,
  cacheFor,
  modelHint: "Give the folder that `thaw train` printed at its end, or a zip of it.",
  hash: async (bytes) => createHash("sha256").update(bytes).digest("hex"),
};
