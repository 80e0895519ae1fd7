// Files in Node: the disk.

import { appendFile, open, readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { ensureFolder } from "../../core/files.node.ts";
import { systemCode, writeError } from "../../core/system-error.ts";
import { type Files, type FileTree, LAYOUT, type LogFile, type TableFile, type TreeEntry } from "./file-tree.ts";

export const files: Files = {
  tree: diskTree,
  resolve,
  async stat(path) {
    const found = await stat(path).catch(() => undefined);
    return found && { bytes: found.size, modified: found.mtimeMs };
  },
  openLog,
};

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

async function entriesOf(path: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for (const entry of await readFolder(path)) {
    if (entry.name.startsWith(".")) continue;
    const isLink = entry.isSymbolicLink();
    const kind = isLink ? await targetOf(join(path, entry.name)) : kindOf(entry);
    entries.push({ name: entry.name, kind, isLink });
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
