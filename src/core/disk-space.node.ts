// The free space of a disk.

import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { systemCode } from "./system-error.ts";

/** Bytes that the user may still write to the disk of `folder`, which need not exist yet; undefined if unknown. */
export async function freeSpace(folder: string): Promise<number | undefined> {
  const path = resolve(folder);
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    return systemCode(error) === "ENOENT" && dirname(path) !== path ? freeSpace(dirname(path)) : undefined;
  }
}
