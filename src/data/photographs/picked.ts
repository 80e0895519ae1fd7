// Photographs that a user picked in a browser: files of an input, a folder's handle, or what was dropped on the page.

import { UsageError } from "../../core/errors.ts";
import type { FileTree } from "../files/file-tree.ts";
import { isHidden } from "../files/hidden.ts";
import { type NamedFiles, namedTree } from "../files/named-tree.ts";

// thaw is compiled without the DOM's types, which would let any file use them; these are the parts that are needed here. The DOM's own objects
// have them.

/** A file that a user picked: the DOM's File. */
export interface PickedFile extends Blob {
  readonly name: string;
  readonly lastModified: number;
  /** Its path from the folder that was picked, which is its first name; "" if a file was picked. */
  readonly webkitRelativePath?: string;
}

/** A folder's handle: the DOM's FileSystemDirectoryHandle. */
export interface FolderHandle {
  readonly kind: "directory";
  readonly name: string;
  values(): AsyncIterable<{ readonly kind: "directory" | "file"; readonly name: string }>;
}

/** A file's handle: the DOM's FileSystemFileHandle. */
export interface FileHandle {
  readonly kind: "file";
  readonly name: string;
  getFile(): Promise<PickedFile>;
}

/** What was dropped: the DOM's DataTransferItemList. */
export interface DroppedItems {
  readonly length: number;
  readonly [index: number]: { webkitGetAsEntry(): unknown };
}

/** How deep folders may lie in one another. */
const DEEPEST = 64;

/**
 * The photographs that a user chose with `<input type="file" webkitdirectory>`, or with `multiple`: pass its `files`. Of a folder that was
 * chosen the tree has what lies in it. Files are read when they are needed, so their number costs little memory.
 */
export function photosFromFiles(files: Iterable<PickedFile> | ArrayLike<PickedFile>): FileTree {
  const list = Array.from(files);
  const paths = list.map(({ name, webkitRelativePath }) => webkitRelativePath || name);
  const root = commonFolder(paths);
  const named: NamedFiles = new Map(paths.map((path, i) => [path.slice(root === "" ? 0 : root.length + 1), list[i] as PickedFile]));
  if (named.size < list.length)
    throw new UsageError("Several of the chosen files have the same name", "Choose the folder that they lie in (webkitdirectory).");
  return namedTree(root || "the chosen files", async () => named);
}

/** The photographs in the folder of a handle, such as showDirectoryPicker gives; the folder is listed when the tree is first used. */
export function photosFromFolder(folder: FolderHandle): FileTree {
  return namedTree(folder.name || "the folder", async () => {
    const found = new Map<string, PickedFile>();
    await listHandles(folder, "", found, 0);
    return found;
  });
}

async function listHandles(folder: FolderHandle, prefix: string, found: Map<string, PickedFile>, depth: number): Promise<void> {
  checkDepth(depth, prefix);
  // The DOM's types give no more than kind and name; the kind says which of the two it is.
  for await (const handle of folder.values() as AsyncIterable<FolderHandle | FileHandle>) {
    const name = `${prefix}${handle.name}`;
    if (handle.kind === "file") found.set(name, await handle.getFile());
    else if (!isHidden(handle.name)) await listHandles(handle, `${name}/`, found, depth + 1);
  }
}

/**
 * The photographs that were dropped on the page: pass the `dataTransfer.items` of the event `drop`, before anything is awaited, because the
 * browser empties them. One folder is the data set; of several things each keeps its name.
 */
export function photosFromDrop(items: DroppedItems): FileTree {
  const entries = Array.from({ length: items.length }, (_, i) => items[i]?.webkitGetAsEntry() as Entry | null | undefined).filter(
    (entry) => entry !== null && entry !== undefined,
  );
  if (entries.length === 0) throw new UsageError("Neither files nor folders were dropped", "Drop a folder of photographs.");
  const [first] = entries;
  const single = entries.length === 1 && first?.isDirectory ? first : undefined;
  return namedTree(single?.name ?? "the dropped files", async () => {
    const found = new Map<string, PickedFile>();
    if (single) await listEntries(await entriesIn(single), "", found, 0);
    else await listEntries(entries, "", found, 0);
    return found;
  });
}

/** The DOM's FileSystemEntry. */
type Entry =
  | {
      readonly isDirectory: true;
      readonly name: string;
      createReader(): { readEntries(success: (entries: Entry[]) => void, failure: (error: Error) => void): void };
    }
  | {
      readonly isDirectory: false;
      readonly name: string;
      file(success: (file: PickedFile) => void, failure: (error: Error) => void): void;
    };

async function listEntries(entries: readonly Entry[], prefix: string, found: Map<string, PickedFile>, depth: number): Promise<void> {
  checkDepth(depth, prefix);
  for (const entry of entries) {
    const name = `${prefix}${entry.name}`;
    if (!entry.isDirectory) found.set(name, await new Promise<PickedFile>((resolve, reject) => entry.file(resolve, reject)));
    else if (!isHidden(entry.name)) await listEntries(await entriesIn(entry), `${name}/`, found, depth + 1);
  }
}

/** All entries of a folder, which its reader gives some at a time and then none. */
async function entriesIn(folder: Extract<Entry, { isDirectory: true }>): Promise<Entry[]> {
  const reader = folder.createReader();
  const all: Entry[] = [];
  for (;;) {
    const some = await new Promise<Entry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function checkDepth(depth: number, prefix: string): void {
  if (depth > DEEPEST) throw new UsageError(`The folders of ${prefix} lie too deep in one another`, "Choose a folder further down.");
}

/** The folder that all `paths` begin with; "" if there is none. */
function commonFolder(paths: readonly string[]): string {
  const first = paths[0]?.split("/") ?? [];
  const root = first.length > 1 ? (first[0] as string) : "";
  return root !== "" && paths.every((path) => path.startsWith(`${root}/`)) ? root : "";
}
