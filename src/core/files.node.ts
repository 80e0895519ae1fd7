// Files written whole or not at all: a run that is stopped in the middle of a write leaves the old file or none, never half of one.

import { mkdir, writeFile as writeWhole } from "node:fs/promises";
import { dirname } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { systemCode, writeError } from "./system-error.ts";

/** Makes the folder `path` and those above it. Throws a UsageError where that is forbidden, the disk is full, or a file is in the way. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw writeError(error, path);
  }
}

/** Writes `content` to the file `path` (its folder is made) under another name, syncs it, and renames it. Throws as ensureFolder does. */
export async function writeFile(path: string, content: string | Uint8Array | Iterable<string>): Promise<void> {
  // Whoever deletes the last file of a folder may delete the folder, or a file in the making, between two steps of this.
  for (let attempt = 1; ; attempt++) {
    await ensureFolder(dirname(path));
    try {
      // The package writes once, and takes what a nearly full disk took of that for the whole. Given nothing, it keeps what is there.
      await writeFileAtomic(path, "", { tmpfileCreated: (temporary) => writeWhole(temporary, content) });
      return;
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || attempt === ATTEMPTS) throw writeError(error, path);
    }
  }
}

const ATTEMPTS = 3;
