// How much space a disk has left.

import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { systemCode } from "./system-error.ts";

/** Bytes that the person who runs thaw may still write where `folder` lies, or will lie when it is made; undefined where that is not known. */
export async function freeSpace(folder: string): Promise<number | undefined> {
  const path = resolve(folder);
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    return systemCode(error) === "ENOENT" && dirname(path) !== path ? freeSpace(dirname(path)) : undefined;
  }
}
