// Writes files whole or not at all: a run that is stopped during a write leaves the old file or none, never half of one.

import { mkdir, writeFile as writeWhole } from "node:fs/promises";
import { dirname } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { systemCode, writeError } from "./system-error.ts";

/** Creates the folder `path` and its parents. Throws a UsageError if permission is missing, the disk is full, or a file is in the way. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw writeError(error, path);
  }
}

/** Writes `content` under a temporary name, syncs it, and renames it to `path`; creates its folder. Throws like ensureFolder. */
export async function writeFile(path: string, content: string | Uint8Array | Iterable<string>): Promise<void> {
  // Between two of these steps another process may delete the folder with its last file, or the temporary file.
  for (let attempt = 1; ; attempt++) {
    await ensureFolder(dirname(path));
    try {
      // The package calls write once and does not notice if a full disk took only a part. Given no data, it leaves the file as it is.
      await writeFileAtomic(path, "", { tmpfileCreated: (temporary) => writeWhole(temporary, content) });
      return;
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || attempt === ATTEMPTS) throw writeError(error, path);
    }
  }
}

const ATTEMPTS = 3;
