// The contract that both platforms' storage meets: where a name that a user gives leads, to the disk in Node, to an address in a browser.

import type { ReadableFile, Store, StoredFile, StoreReader } from "./store.ts";

export interface Storage {
  /** The store in a folder. Throws a UsageError in a browser, which has none. */
  open(folder: string): Store;
  /** A file as a value in the store of its folder. Throws as `open`. */
  openFile(path: string): StoredFile;
  /** What there is to read in `place`: a folder in Node, an address in a browser. */
  reader(place: string): StoreReader;
  /** A file to read, as a value beside others: its path in Node, its address in a browser. */
  fileReader(path: string): ReadableFile;
  /** The folder of what is stored about the data set in the folder `data`: ".thaw/<name>" beside it. Throws as `open`. */
  cacheBeside(data: string): string;
  /** The SHA-256 of `bytes` in lower-case hex, by the platform's own code where it has some. */
  hash(bytes: Uint8Array): Promise<string>;
}
