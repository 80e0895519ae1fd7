// Files written whole or not at all: a run that is stopped in the middle of a write leaves the old file or none, never half of one.

import { mkdir, writeFile as writeWhole } from "node:fs/promises";
import { dirname } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { UsageError } from "./errors.ts";

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

/** The code of a failed system call, such as "ENOENT"; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** The UsageError that says why `path` could not be written and what to do; `error` itself where it is not a matter of the disk. */
export function writeError(error: unknown, path: string): unknown {
  const cause = { cause: error };
  switch (systemCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new UsageError(`Cannot write ${path}: the disk is full`, "Free some space, or choose a folder on another disk.", cause);
    case "EACCES":
    case "EPERM":
      return new UsageError(
        `Cannot write ${path}: no permission`,
        "Choose a folder that you may write to, or change its permissions.",
        cause,
      );
    case "EROFS":
      return new UsageError(`Cannot write ${path}: the disk is read-only`, "Choose a folder on a disk that can be written.", cause);
    case "EEXIST":
    case "ENOTDIR":
      return new UsageError(
        `Cannot write ${path}: a file is where a folder should be`,
        "Choose another folder, or move that file away.",
        cause,
      );
    case "EISDIR":
      return new UsageError(`Cannot write ${path}: it is a folder`, "Choose another file name.", cause);
    default:
      return error;
  }
}
