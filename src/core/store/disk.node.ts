// A store in a folder on disk: each key is the path of a file below it. Only files are values; links are neither listed nor followed.

import { closeSync, openSync, readSync } from "node:fs";
import { lstat, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { freeSpace } from "../disk-space.node.ts";
import { writeFile } from "../files.node.ts";
import { systemCode, writeError } from "../system-error.ts";
import { type Content, checkKey, checkPrefix, type Store, type StoreEntry } from "./store.ts";

/** The store in `folder`, which the first `put` creates. */
export function diskStore(folder: string): Store {
  const locate = (key?: string): string => (key === undefined ? folder : join(folder, key));
  const pathOf = (key: string): string => {
    checkKey(key);
    return locate(key);
  };
  return {
    locate,
    get: async (key) => ifExists(readFile(pathOf(key))),
    getRange: async (key, start, length) => ifExists(readRange(pathOf(key), start, length)),
    readSync: (key, start, into) => readSynchronously(pathOf(key), start, into),
    put: async (key, content) => writeFile(pathOf(key), content),
    replace: (contents) => replaceFolder(folder, contents),
    async stat(key) {
      const found = await ifExists(stat(pathOf(key)));
      return found?.isFile() ? { key, bytes: found.size, modified: found.mtimeMs } : undefined;
    },
    list: async (prefix) => {
      checkPrefix(prefix);
      return filesIn(folder, prefix.slice(0, prefix.lastIndexOf("/") + 1), prefix);
    },
    async delete(key) {
      const path = pathOf(key);
      await ifExists(unlink(path)).catch((error) => {
        throw writeError(error, path);
      });
      // A folder that this leaves empty is deleted too; rmdir fails if it is not empty.
      if (key.includes("/")) await rmdir(dirname(path)).catch(() => {});
    },
    freeSpace: () => freeSpace(folder),
  };
}

/** The result of `work`; undefined if there is no such file, or if it is a folder. */
async function ifExists<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (ABSENT.has(systemCode(error))) return undefined;
    throw error;
  }
}

const ABSENT: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

async function readRange(path: string, start: number, length: number): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, (await file.stat()).size - start)));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Reads without Node's threads: the way through them takes four times as long as copying a row. */
function readSynchronously(path: string, start: number, into: Uint8Array | Float32Array): boolean {
  let handle: number | undefined;
  try {
    handle = openSync(path, "r");
    return readSync(handle, into, 0, into.byteLength, start) === into.byteLength;
  } catch {
    return false;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** The files below `folder`/`within` whose keys begin with `prefix`. */
async function filesIn(folder: string, within: string, prefix: string): Promise<StoreEntry[]> {
  const found = (await ifExists(readdir(join(folder, within), { withFileTypes: true }))) ?? [];
  const entries = found.map(async (entry): Promise<StoreEntry[]> => {
    const key = `${within}${entry.name}`;
    if (!key.startsWith(prefix)) return [];
    if (entry.isDirectory()) return filesIn(folder, `${key}/`, prefix);
    const status = entry.isFile() ? await ifExists(lstat(join(folder, key))) : undefined;
    return status ? [{ key, bytes: status.size, modified: status.mtimeMs }] : [];
  });
  return (await Promise.all(entries)).flat();
}

/** Builds the new folder beside the old one and moves it into place as a whole. */
async function replaceFolder(folder: string, contents: ReadonlyMap<string, Content>): Promise<void> {
  for (const key of contents.keys()) checkKey(key);
  const place = resolve(folder);
  const [fresh, old] = [`${place}.new`, `${place}.old`];
  try {
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { recursive: true });
    for (const [key, content] of contents) await writeFile(join(fresh, key), content);
    await rm(old, { recursive: true, force: true });
    const had = await ifExists(rename(place, old).then(() => true));
    await rename(fresh, place).catch(async (error) => {
      if (had) await rename(old, place);
      throw error;
    });
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => {});
    throw writeError(error, folder);
  }
}
