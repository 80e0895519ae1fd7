// Turns the system's errors on writing into readable messages with their cause and cure.

import { UsageError } from "./errors.ts";

/** The code of a failed system call, such as "ENOENT"; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** The UsageError that says why `path` could not be written and what to do; `error` itself if it does not come from the disk. */
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
