// A store in a folder that the user picked, through its handle. Web Locks keep the page's tabs and workers from writing at once; other programs
// are not kept from anything.

import { UsageError } from "../errors.ts";
import { type Content, checkKey, checkPrefix, type Store, type StoreEntry } from "./store.ts";

// thaw is compiled without the DOM's types, which would let any file use them; these are the parts that are needed here.

/** A folder's handle with the right to write: the DOM's FileSystemDirectoryHandle. */
export interface WritableFolder {
  readonly kind: "directory";
  readonly name: string;
  getDirectoryHandle(name: string, options?: { create?: boolean }): Promise<WritableFolder>;
  getFileHandle(name: string, options?: { create?: boolean }): Promise<WritableFile>;
  removeEntry(name: string, options?: { recursive?: boolean }): Promise<void>;
  values(): AsyncIterable<{ readonly kind: "directory" | "file"; readonly name: string }>;
}

/** A file's handle: the DOM's FileSystemFileHandle. */
export interface WritableFile {
  readonly kind: "file";
  readonly name: string;
  getFile(): Promise<Blob & { readonly lastModified: number }>;
  createWritable(): Promise<{ write(data: never): Promise<void>; close(): Promise<void>; abort(): Promise<void> }>;
}

interface Locks {
  request<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

/** While it is there, all values are being replaced, and there are none. */
const MARK = ".thaw-replacing";
/** Is there if all that is in the folder is the store's own, which began when it was empty. */
const OWN = ".thaw-store";
/** How often a file is read that another writer replaces meanwhile. */
const READS = 20;

/**
 * The store in a folder that the user picked for writing, with `showDirectoryPicker({ mode: "readwrite" })`, or in one of the origin's private
 * file system. Models are saved into it and loaded from it as in Node's folders. A model replaces all that is in its folder, so give it one of its
 * own, such as `await picked.getDirectoryHandle("pets", { create: true })`; a folder with other files is refused. Throws a UsageError
 * where the page may not write.
 */
export function folderStore(folder: WritableFolder): Store {
  const locate = (key?: string): string => (key === undefined ? folder.name : `${folder.name}/${key}`);
  const reading = <Result>(key: string | undefined, work: () => Promise<Result>): Promise<Result> =>
    work().catch((error: unknown) => {
      throw failure("read", locate(key), error);
    });
  /** Writes alone, after what an ended tab left of a replacement is gone. */
  const writing = <Result>(key: string | undefined, work: () => Promise<Result>): Promise<Result> => {
    const { locks } = (globalThis as unknown as { navigator: { locks: Locks } }).navigator;
    return locks
      .request(`thaw folder ${folder.name}`, async () => {
        if (await fileAt(folder, MARK)) {
          await removeValues(folder);
          await folder.removeEntry(MARK);
        }
        if ((await namesIn(folder)).length === 0) await write(folder, OWN, blobOf(""));
        return await work();
      })
      .catch((error: unknown) => {
        throw failure("write", locate(key), error);
      });
  };
  /** The file of a value; undefined if there is none. */
  const found = async (key: string): Promise<(Blob & { readonly lastModified: number }) | undefined> => {
    checkKey(key);
    if (await fileAt(folder, MARK)) return undefined;
    return (await fileAt(folder, key))?.getFile();
  };
  /** The bytes that `part` takes of a value's file, read again if it was replaced meanwhile. */
  const bytesOf = async (key: string, part: (file: Blob) => Blob): Promise<Uint8Array | undefined> => {
    for (let left = READS; ; left--) {
      const file = await found(key);
      try {
        return file && new Uint8Array(await part(file).arrayBuffer());
      } catch (error) {
        if (left === 0) throw error;
      }
    }
  };
  return {
    locate,
    get: (key) => reading(key, () => bytesOf(key, (file) => file)),
    getRange: (key, start, length) => reading(key, () => bytesOf(key, (file) => file.slice(start, start + length))),
    stat: (key) =>
      reading(key, async () => {
        const file = await found(key);
        return file && { key, bytes: file.size, modified: file.lastModified };
      }),
    async put(key, content) {
      checkKey(key);
      const blob = blobOf(content);
      await writing(key, () => write(folder, key, blob));
    },
    async create(key, content) {
      checkKey(key);
      return writing(key, async () => {
        if (await fileAt(folder, key)) return false;
        await write(folder, key, blobOf(content));
        return true;
      });
    },
    async replace(contents) {
      const blobs = [...contents].map(([key, content]) => {
        checkKey(key);
        return [key, blobOf(content)] as const;
      });
      await writing(undefined, async () => {
        if (!(await fileAt(folder, OWN)))
          throw new UsageError(
            `${folder.name} holds files that are not thaw's, and would lose them`,
            `Give a folder of its own: await folder.getDirectoryHandle("model", { create: true }).`,
          );
        await write(folder, MARK, blobOf(""));
        await removeValues(folder);
        for (const [key, blob] of blobs) await write(folder, key, blob);
        await folder.removeEntry(MARK);
      });
    },
    async list(prefix) {
      checkPrefix(prefix);
      return reading(undefined, async () => {
        const entries: StoreEntry[] = [];
        if (!(await fileAt(folder, MARK))) await listIn(folder, "", prefix, entries);
        return entries;
      });
    },
    async delete(key) {
      checkKey(key);
      await writing(key, async () => {
        const [parent, name] = [await parentOf(folder, key), nameOf(key)];
        if (await fileAt(folder, key)) await parent?.removeEntry(name).catch(absent);
      });
    },
  };
}

const nameOf = (key: string): string => key.slice(key.lastIndexOf("/") + 1);

/** Undefined for the error of a name that is not there, or that is a folder's where a file's is meant; throws others. */
function absent(error: unknown): undefined {
  if (error instanceof Error && (error.name === "NotFoundError" || error.name === "TypeMismatchError")) return undefined;
  throw error;
}

/** The folder in which the value of `key` lies; undefined if there is none. */
async function parentOf(folder: WritableFolder, key: string, create = false): Promise<WritableFolder | undefined> {
  let parent: WritableFolder | undefined = folder;
  for (const part of key.split("/").slice(0, -1)) {
    const next: Promise<WritableFolder> | undefined = parent?.getDirectoryHandle(part, { create });
    parent = create ? await next : await next?.catch(absent);
  }
  return parent;
}

async function fileAt(folder: WritableFolder, key: string): Promise<WritableFile | undefined> {
  return (await parentOf(folder, key))?.getFileHandle(nameOf(key)).catch(absent);
}

/** Writes a value whole or not at all: the browser puts what was written in the file's place when it is closed. */
async function write(folder: WritableFolder, key: string, blob: Blob): Promise<void> {
  const parent = (await parentOf(folder, key, true)) as WritableFolder;
  const file = await parent.getFileHandle(nameOf(key), { create: true });
  const stream = await file.createWritable();
  try {
    await stream.write(blob as never);
  } catch (error) {
    await stream.abort().catch(() => undefined);
    throw error;
  }
  await stream.close();
}

/** Removes all values. */
async function removeValues(folder: WritableFolder): Promise<void> {
  for (const name of await namesIn(folder)) if (!isMark(name)) await folder.removeEntry(name, { recursive: true });
}

async function namesIn(folder: WritableFolder): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of folder.values()) names.push(name);
  return names;
}

function isMark(key: string): boolean {
  return key === MARK || key === OWN;
}

async function listIn(folder: WritableFolder, above: string, prefix: string, entries: StoreEntry[]): Promise<void> {
  for await (const { kind, name } of folder.values()) {
    const key = `${above}${name}`;
    if (kind === "directory") {
      const inside = `${key}/`;
      if (!inside.startsWith(prefix) && !prefix.startsWith(inside)) continue;
      const below = await folder.getDirectoryHandle(name).catch(absent);
      if (below) await listIn(below, inside, prefix, entries);
    } else if (key.startsWith(prefix) && !isMark(key)) {
      const file = await folder
        .getFileHandle(name)
        .then((handle) => handle.getFile())
        .catch(absent);
      if (file) entries.push({ key, bytes: file.size, modified: file.lastModified });
    }
  }
}

/** A copy of `content`; pieces of text that fail do so here, before anything is written. */
function blobOf(content: Content): Blob {
  if (content instanceof Uint8Array) return new Blob([content.slice() as Uint8Array<ArrayBuffer>]);
  return new Blob(typeof content === "string" ? [content] : [...content]);
}

function failure(what: "read" | "write", place: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UsageError) return error;
  const cure =
    error.name === "NotAllowedError" || error.name === "SecurityError"
      ? 'Let the user pick the folder for writing: showDirectoryPicker({ mode: "readwrite" }), or the handle\'s requestPermission.'
      : error.name === "QuotaExceededError"
        ? "Free space on the disk, or delete models and caches that are no longer needed."
        : "Look whether the folder is still there, and pick it again.";
  return new UsageError(`Cannot ${what} ${place}: ${error.message}`, cure, { cause: error });
}
