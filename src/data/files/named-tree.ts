// Files that are known by their names, wherever their bytes are: what a user picked or dropped in a browser, blobs, addresses, a store.

import { storage } from "#storage";
import { UsageError } from "../../core/errors.ts";
import { ImageError } from "../decode/image.ts";
import { type FileStatus, type FileTree, LAYOUT, type TableFile, type TreeEntry } from "./file-tree.ts";
import { isHidden } from "./hidden.ts";

/** A file whose bytes are elsewhere. */
export interface RemoteFile {
  /** All of it. Throws ImageError. */
  read(): Promise<Uint8Array>;
  /** Its first 1024 bytes, or fewer if it is shorter; default from `read`. */
  start?(): Promise<Uint8Array>;
  readonly status?: FileStatus;
}

/** Files by their names, which are relative to the root, with "/" between folders. */
export type NamedFiles = ReadonlyMap<string, Blob | RemoteFile>;

/** Enough to recognise what a file is. */
const START = 1024;

/** The tree of the files that `list` gives, which is asked when they are first needed; messages call it `path`. */
export function namedTree(path: string, list: () => Promise<NamedFiles>): FileTree {
  let listed: Promise<Listing> | undefined;
  const listing = (): Promise<Listing> => {
    listed ??= list().then(listingOf);
    return listed;
  };
  const locate = (name: string): string => (name === "" ? path : `${path}/${name}`);
  const folder = async (name: string): Promise<Folder> => {
    const { files, folders } = await listing();
    const found = folders.get(name);
    if (found) return found;
    if (files.has(name)) throw new UsageError(`${locate(name)} is a file, not a folder`, LAYOUT);
    if (name === "") throw new UsageError(`There are no files in ${path}`, LAYOUT);
    throw new UsageError(`The folder ${locate(name)} does not exist`, "Check its name.");
  };
  const file = async (name: string): Promise<Blob | RemoteFile> => {
    const found = (await listing()).files.get(name);
    if (!found) throw new ImageError("file not found");
    return found;
  };
  return {
    path,
    locate,
    async entries(name) {
      const found = [...(await folder(name))].filter(([last]) => !isHidden(last));
      return found.map(([last, kind]): TreeEntry => ({ name: last, kind, isLink: false }));
    },
    namesIn: async (name) => [...((await listing()).folders.get(name)?.keys() ?? [])],
    resolve: resolveIn,
    realPlace: async (name) => `${locate(name)}/`,
    read: async (name) => readWhole(await file(name)),
    async start(name) {
      const found = await file(name);
      if (found instanceof Blob) return readBlob(found.slice(0, START));
      return (await (found.start ?? found.read).call(found)).subarray(0, START);
    },
    async stat(name) {
      const found = (await listing()).files.get(name);
      if (!(found instanceof Blob)) return found?.status;
      // Only a file of the disk has one.
      return "lastModified" in found ? { bytes: found.size, modified: found.lastModified as number } : undefined;
    },
    async readTable(table) {
      const name = resolveIn("", table);
      const found = name === undefined ? undefined : (await listing()).files.get(name);
      return found ? { name: lastOf(table), bytes: await readWhole(found) } : readTableElsewhere(table, path);
    },
  };
}

/** What lies in a folder, by its last name. */
type Folder = Map<string, "file" | "folder">;

interface Listing {
  readonly files: NamedFiles;
  readonly folders: ReadonlyMap<string, Folder>;
}

function listingOf(files: NamedFiles): Listing {
  const folders = new Map<string, Folder>();
  const put = (name: string, kind: "file" | "folder"): void => {
    const slash = name.lastIndexOf("/");
    const above = name.slice(0, Math.max(0, slash));
    const last = name.slice(slash + 1);
    const folder = folders.get(above);
    if (folder) {
      folder.set(last, kind);
      return;
    }
    folders.set(above, new Map([[last, kind]]));
    if (above !== "") put(above, "folder");
  };
  for (const name of files.keys()) put(name, "file");
  return { files, folders };
}

/** The name of what `path` leads to from `folder`; undefined if it leads out of it. */
export function resolveIn(folder: string, path: string): string | undefined {
  if (path.startsWith("/") || path.includes("\0")) return undefined;
  const names = folder === "" ? [] : folder.split("/");
  const depth = names.length;
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") names.push(part);
    else if (names.length > depth) names.pop();
    else return undefined;
  }
  return names.join("/");
}

async function readWhole(file: Blob | RemoteFile): Promise<Uint8Array> {
  return file instanceof Blob ? readBlob(file) : file.read();
}

async function readBlob(blob: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new ImageError("it cannot be read any more: it was changed, moved or deleted since it was chosen", { cause });
  }
}

/** A table that is not among the files: in a browser its address, or its name in the browser's storage; in Node its path. */
async function readTableElsewhere(path: string, tree: string): Promise<TableFile> {
  const { store, key } = storage.fileReader(path);
  const missing = (cause?: unknown): UsageError =>
    new UsageError(`The table ${path} does not exist`, `Give the name of a CSV file in ${tree}, or its own path or address.`, { cause });
  const bytes = await store.get(key).catch((error: unknown) => {
    throw missing(error);
  });
  if (!bytes) throw missing();
  return { name: lastOf(path), bytes };
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
