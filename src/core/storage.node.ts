// Storage in Node: the disk.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Storage } from "./storage.ts";

export const storage: Storage = {
  read: (folder, name) => readFile(join(folder, name)),
  hash: async (bytes) => createHash("sha256").update(bytes).digest("hex"),
};
