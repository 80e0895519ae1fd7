// Where the files of a data set lie: in a folder of the disk, or anywhere else by their names (named-tree.ts). Layouts, splits, checks and
// warnings work on this alone.

/** How folders of classes must lie, for hints. */
export const LAYOUT =
  "Put the images of each class into a folder of their own: " +
  "<folder>/train/<class>/ and <folder>/valid/<class>/, or simply <folder>/<class>/.";

/** What lies in a folder. */
export interface TreeEntry {
  readonly name: string;
  /** Of a link, what it leads to: "nothing" if it leads nowhere. */
  readonly kind: "file" | "folder" | "other" | "nothing";
  readonly isLink: boolean;
  /** True on a disk if the name is not UTF-8: then no path leads to it, and `name` shows only about what it is called. */
  readonly undecodable?: boolean;
}

/** A table of text. */
export interface TableFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Files under names: paths relative to the tree's root, with "/" on every platform; the root is "". */
export interface FileTree {
  /** What messages call the tree, and what is stored is found by: on a disk the absolute path of its root. */
  readonly path: string;
  /** What messages call a file or folder; on a disk its absolute path. */
  locate(name: string): string;
  /** What lies in a folder, without what isHidden names. Throws a UsageError for a folder that is missing or cannot be read. */
  entries(folder: string): Promise<readonly TreeEntry[]>;
  /** The names of all that lies in a folder, hidden files too; none if it cannot be read. */
  namesIn(folder: string): Promise<readonly string[]>;
  /** The name of what `path` leads to from `folder`; undefined if that is not in `folder`, or no relative path. */
  resolve(folder: string, path: string): string | undefined;
  /** Where a folder is with all links followed: the place of a folder in it begins with its own. */
  realPlace(folder: string): Promise<string>;
  /** Reads a file, throwing ImageError if that fails; absent on a disk, where worker threads read files by their paths. */
  read?(name: string): Promise<Uint8Array>;
  /** The first 1024 bytes of a file, or fewer if it is shorter; like `read`. */
  start?(name: string): Promise<Uint8Array>;
  /** Size and date of a file; undefined if they are not known. Absent on a disk, like `read`. */
  stat?(name: string): Promise<FileStatus | undefined>;
  /** Reads a table by its path, from the current folder or from the root. Throws a UsageError if it is missing or cannot be read. */
  readTable(path: string): Promise<TableFile>;
}

/** A file of text that only grows. */
export interface LogFile {
  /** What it held when it was opened. */
  readonly text: string;
  append(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Size and date of a file. */
export interface FileStatus {
  readonly bytes: number;
  /** When its content or what the system notes about it was last changed, in milliseconds since 1970. */
  readonly modified: number;
}

/** What each platform brings. */
export interface Files {
  /** The files in a folder. */
  tree(folder: string): FileTree;
  /** The absolute path of `path`, or the address that it is. */
  resolve(path: string): string;
  /** Undefined if there is no such file. */
  stat(path: string): Promise<FileStatus | undefined>;
  /** The first 1024 bytes of a file, or fewer if it is shorter; undefined if it cannot be read. */
  start(path: string): Promise<Uint8Array | undefined>;
  /** Opens the file `name` in `folder`, which are made. Throws a UsageError if it cannot be written. */
  openLog(folder: string, name: string): Promise<LogFile>;
}
