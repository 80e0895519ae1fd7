// The contract of both platforms' storage: a user's path is on disk in Node, unless it is an address of an object store (s3://bucket/prefix),
// and an address in a browser.

import type { SharedLog } from "./shared-log.ts";
import type { ReadableFile, Store, StoredFile, StoreReader } from "./store.ts";

export interface Storage {
  /** The store in a folder. Throws a UsageError in a browser. */
  open(folder: string): Store;
  /** A file as a value in the store of its folder. Throws like `open`. */
  openFile(path: string): StoredFile;
  /** The reader of `place`: a folder in Node, an address in a browser. */
  reader(place: string): StoreReader;
  /** A file as a readable value: its path in Node, its address in a browser. */
  fileReader(path: string): ReadableFile;
  /** Opens the shared log in the file `path`, which is made. Throws like `open`, and a UsageError if it cannot be written. */
  openLog(path: string): Promise<SharedLog>;
  /** The cache folder of the data set in the folder `data`: ".thaw/<name>" beside it, or in the user's cache. Throws like `open`. */
  cacheFor(data: string): string;
  /** What to give where a saved model is asked for, as the cure of an error. */
  readonly modelHint: string;
  /** The SHA-256 of `bytes` in lower-case hex, computed natively if possible. */
  hash(bytes: Uint8Array): Promise<string>;
}
