// Files in Node: the disk, and object stores.

import { isUtf8 } from "node:buffer";
import { appendFile, open, readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { ensureFolder } from "../../core/files.node.ts";
import { isS3Address, parseS3Address, s3Address } from "../../core/store/s3/address.ts";
import { systemCode, writeError } from "../../core/system-error.ts";
import { type Files, type FileTree, LAYOUT, type LogFile, type TableFile, type TreeEntry } from "./file-tree.ts";
import { isHidden } from "./hidden.ts";
import { s3Tree } from "./s3-tree.node.ts";

export const files: Files = {
  tree: (folder) => (isS3Address(folder) ? s3Tree(folder) : diskTree(folder)),
  resolve: (path) => (isS3Address(path) ? s3Address(parseS3Address(path)) : resolve(path)),
  async stat(path) {
    const found = await stat(path).catch(() => undefined);
    // A copy that keeps the date of what it replaces changes the second only.
    return found && { bytes: found.size, modified: Math.max(found.mtimeMs, found.ctimeMs) };
  },
  start: readStart,
  openLog,
};

/** Enough to recognise what a file is. */
const START = 1024;

async function readStart(path: string): Promise<Uint8Array | undefined> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(START), 0, START);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

function diskTree(folder: string): FileTree {
  const root = resolve(folder);
  const locate = (name: string): string => join(root, ...name.split("/"));
  return {
    path: root,
    locate,
    entries: (name) => entriesOf(locate(name)),
    namesIn: (name) => readdir(locate(name)).catch(() => []),
    resolve(name, path) {
      const base = locate(name);
      if (path.includes("\0") || isAbsolute(path)) return undefined;
      const found = resolve(base, path);
      return inside(found, base) ? relative(root, found).split(sep).join("/") : undefined;
    },
    realPlace: async (name) => withSeparator(await realpath(locate(name))),
    readTable: (path) => readTable([resolve(path), resolve(root, path)]),
  };
}

/** What Node puts in the place of bytes that are not UTF-8: no path with it leads to the file. A name may have it all the same. */
const UNDECODABLE = "\uFFFD";

async function namesInUtf8(path: string): Promise<Set<string>> {
  const names = await readdir(path, { encoding: "buffer" });
  return new Set(names.filter((name) => isUtf8(name)).map((name) => name.toString("utf8")));
}

async function entriesOf(path: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const found = await readFolder(path);
  const readable = found.some(({ name }) => name.includes(UNDECODABLE)) ? await namesInUtf8(path) : new Set<string>();
  for (const entry of found) {
    if (isHidden(entry.name)) continue;
    const isLink = entry.isSymbolicLink();
    const place = join(path, entry.name);
    const kind = isLink ? await targetOf(place) : kindOf(entry);
    const undecodable = entry.name.includes(UNDECODABLE) && !readable.delete(entry.name);
    entries.push({ name: entry.name, kind, isLink, ...(undecodable && { undecodable }) });
  }
  return entries;
}

async function readFolder(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const cause = { cause: error };
    const code = systemCode(error);
    if (code === "ENOENT")
      throw new UsageError(
        `The folder ${path} does not exist`,
        "Check the path; it is taken from the folder in which the program was started.",
        cause,
      );
    if (code === "ENOTDIR") throw new UsageError(`${path} is a file, not a folder`, LAYOUT, cause);
    if (code === "ERR_INVALID_ARG_VALUE" || code === "ENAMETOOLONG" || code === "ELOOP")
      throw new UsageError(`${JSON.stringify(path)} is not the path of a folder`, "Check the path.", cause);
    if (code === "EACCES" || code === "EPERM")
      throw new UsageError(`The folder ${path} cannot be read: no permission`, "Change its permissions, or choose another folder.", cause);
    throw error;
  }
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): "file" | "folder" | "other" {
  return entry.isFile() ? "file" : entry.isDirectory() ? "folder" : "other";
}

/** What a link leads to. */
async function targetOf(path: string): Promise<TreeEntry["kind"]> {
  const found = await stat(path).catch(() => undefined);
  return found ? kindOf(found) : "nothing";
}

function inside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(withSeparator(folder));
}

function withSeparator(folder: string): string {
  return folder.endsWith(sep) ? folder : folder + sep;
}

/** Reads the first of `candidates` that is there. */
async function readTable(candidates: readonly [string, ...string[]]): Promise<TableFile> {
  let path = candidates[0];
  for (const candidate of candidates.toReversed()) if (await stat(candidate).catch(() => undefined)) path = candidate;
  try {
    return { name: basename(path), bytes: await readFile(path) };
  } catch (error) {
    const missing = systemCode(error) === "ENOENT";
    throw new UsageError(
      missing ? `The table ${path} does not exist` : `Cannot read the table ${path}`,
      "Give the path of a CSV file, from the current folder or from the images' folder.",
      { cause: error },
    );
  }
}

async function openLog(folder: string, name: string): Promise<LogFile> {
  const path = join(folder, name);
  await ensureFolder(folder);
  const text = await readFile(path, "utf8").catch(() => "");
  const file = await open(path, "a").catch((error: unknown) => {
    throw writeError(error, path);
  });
  return {
    text,
    async append(more) {
      await appendFile(file, more).catch((error: unknown) => {
        throw writeError(error, path);
      });
    },
    close: () => file.close(),
  };
}
