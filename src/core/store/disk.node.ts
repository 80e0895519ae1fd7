// A store in a folder on disk: each key is the path of a file below it. Only files are values; links are neither listed nor followed.

import { closeSync, openSync, readSync } from "node:fs";
import { lstat, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, unlink, writeFile as writeNew } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { freeSpace } from "../disk-space.node.ts";
import { ensureFolder, syncFolder, writeFile } from "../files.node.ts";
import { readError, systemCode, writeError } from "../system-error.ts";
import { deleteAbandoned, isTemporary, withTemporary } from "../temporary.node.ts";
import { refuseS3Address } from "./s3/address.ts";
import { type Content, checkKey, checkPrefix, type Store, type StoreEntry } from "./store.ts";

/** The store in `folder`, which the first `put` creates. */
export function diskStore(folder: string): Store {
  refuseS3Address(folder);
  const locate = (key?: string): string => (key === undefined ? folder : join(folder, key));
  const pathOf = (key: string): string => {
    checkKey(key);
    return locate(key);
  };
  /** What `work` reads from the value; undefined if there is none. */
  const read = async <Result>(key: string, work: (path: string) => Promise<Result>): Promise<Result | undefined> => {
    const path = pathOf(key);
    try {
      const found = await ifExists(work(path));
      return found === undefined && (await putBack(resolve(folder))) ? await ifExists(work(path)) : found;
    } catch (error) {
      throw readError(error, path);
    }
  };
  return {
    locate,
    get: (key) => read(key, (path) => readFile(path)),
    getRange: (key, start, length) => read(key, (path) => readRange(path, start, length)),
    readSync: (key, start, into) => readSynchronously(pathOf(key), start, into),
    put: async (key, content) => writeFile(pathOf(key), content),
    create: (key, content) => createFile(pathOf(key), content),
    replace: (contents) => replaceFolder(folder, contents),
    async stat(key) {
      const found = await read(key, (path) => stat(path));
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

/** Writes `path` if it does not exist; false if it does. */
async function createFile(path: string, content: string): Promise<boolean> {
  // Between two of these steps another process may delete the folder with its last file.
  for (let attempt = 1; ; attempt++) {
    await ensureFolder(dirname(path));
    try {
      await writeNew(path, content, { flag: "wx" });
      return true;
    } catch (error) {
      if (systemCode(error) === "EEXIST") return false;
      if (systemCode(error) !== "ENOENT" || attempt === ATTEMPTS) throw writeError(error, path);
    }
  }
}

const ATTEMPTS = 3;

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

/** The files below `folder`/`within` whose keys begin with `prefix`. What an ended process left unfinished is deleted. */
async function filesIn(folder: string, within: string, prefix: string): Promise<StoreEntry[]> {
  const place = join(folder, within);
  const found = await ifExists(readdir(place, { withFileTypes: true })).catch((error) => {
    throw readError(error, place);
  });
  const entries = (found ?? []).map(async (entry): Promise<StoreEntry[]> => {
    const key = `${within}${entry.name}`;
    if (isTemporary(entry.name)) {
      await deleteAbandoned(place, entry.name);
      return [];
    }
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
  const parent = dirname(place);
  try {
    await ensureFolder(parent);
    await withTemporary(parent, async (fresh) => {
      await mkdir(fresh);
      for (const [key, content] of contents) await writeFile(join(fresh, key), content, join(folder, key));
      await exchange(fresh, place);
    });
    await syncFolder(parent);
  } catch (error) {
    throw writeError(error, folder);
  }
}

/** Moves the folder `fresh` to `place`, whose old content is deleted afterwards. */
async function exchange(fresh: string, place: string): Promise<void> {
  const old = asidePlace(place);
  for (let attempt = 1; ; attempt++) {
    if (!(await putBack(place))) await rm(old, { recursive: true, force: true });
    const had = await ifExists(rename(place, old).then(() => true));
    try {
      await rename(fresh, place);
      break;
    } catch (error) {
      if (had) await rename(old, place).catch(() => {});
      // Another process has put its folder there meanwhile.
      if (!OCCUPIED.has(systemCode(error)) || attempt === ATTEMPTS) throw error;
    }
  }
  // The next exchange deletes it if this one cannot.
  await rm(old, { recursive: true, force: true }).catch(() => {});
}

const OCCUPIED: ReadonlySet<string | undefined> = new Set(["ENOTEMPTY", "EEXIST"]);

/** Where the old content of `place` is while the new one is moved there. */
function asidePlace(place: string): string {
  return `${place}.thaw-old`;
}

/** Puts back what a process that was killed in the middle of an exchange left aside; false if there is nothing to put back. */
async function putBack(place: string): Promise<boolean> {
  if (await stat(place).catch(() => undefined)) return false;
  return rename(asidePlace(place), place).then(
    () => true,
    () => false,
  );
}
