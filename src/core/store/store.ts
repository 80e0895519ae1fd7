// The interface of key-value stores. All that thaw stores (activations, checkpoints, models, ranges for 8 bit) goes through one, so a disk,
// a browser's own storage and an object store differ in one file each. test/contract/store.ts tests every store against it.

import { expected } from "../errors.ts";

/**
 * A value to put. Text is written as UTF-8. Pieces of text, for texts that are too long for one string, are written one after another, and
 * iterated again if a write has to be repeated.
 */
export type Content = string | Uint8Array | Iterable<string>;

/** A value in a store. */
export interface StoreEntry {
  readonly key: string;
  readonly bytes: number;
  /** When it was last put, in milliseconds since 1970. */
  readonly modified: number;
}

/**
 * A store to read from. A key is one or more parts joined by single slashes, as in "activations/ab12.zarr/c.0.0": no part is empty, "." or
 * "..", and none has a backslash or a null character. Other keys throw a UsageError, so that none leads out of the store.
 */
export interface StoreReader {
  /** The name in messages of the value of `key`, or of the store itself: a path on a disk, elsewhere an address. */
  locate(key?: string): string;
  /** The value; undefined if there is none. Throws a UsageError if it cannot be read. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** At most `length` bytes from `start`, fewer if the value ends before; undefined if there is no value. Throws like `get`. */
  getRange(key: string, start: number, length: number): Promise<Uint8Array | undefined>;
  /**
   * Fills `into` with the bytes from `start`; false if there is no value, or if it ends before. For stores that read a row of activations
   * faster synchronously than a promise returns from another thread.
   */
  readSync?(key: string, start: number, into: Uint8Array | Float32Array): boolean;
}

/**
 * A store. Several processes may use one concurrently without locks (which lock.ts builds on `create`): a `put` is atomic, for readers and after a crash alike, and of two
 * concurrent ones the last wins. A failed write (disk full, no permission, something else in the way) throws a UsageError with its cure.
 */
export interface Store extends StoreReader {
  /** Writes or replaces a value. A process that is killed meanwhile leaves the old value or none, and nothing that `list` shows. */
  put(key: string, content: Content): Promise<void>;
  /** Writes a value if there is none: of several processes that do so at once, one gets true and the others false. Throws like `put`. */
  create(key: string, content: string): Promise<boolean>;
  /** Replaces everything in the store with `contents`: a reader finds all old values, all new ones or, for a moment, none. */
  replace(contents: ReadonlyMap<string, Content>): Promise<void>;
  /** Size and date of a value; undefined if there is none. */
  stat(key: string): Promise<StoreEntry | undefined>;
  /** The values whose keys begin with `prefix`, in no particular order; "" lists all. */
  list(prefix: string): Promise<StoreEntry[]>;
  /** Deletes the value, if there is one. */
  delete(key: string): Promise<void>;
  /** Bytes that may still be written; undefined if unknown. */
  freeSpace?(): Promise<number | undefined>;
}

/** A value in a store that can be read. */
export interface ReadableFile {
  readonly store: StoreReader;
  readonly key: string;
}

/** A value in a store. */
export interface StoredFile extends ReadableFile {
  readonly store: Store;
}

const KEY = /^(?!\.{1,2}(?:\/|$))[^/\\\0]+(?:\/(?!\.{1,2}(?:\/|$))[^/\\\0]+)*$/;

/** Whether `key` is a valid key. */
export function isKey(key: string): boolean {
  return KEY.test(key);
}

/** Throws a UsageError if `key` is not a valid key. */
export function checkKey(key: string): void {
  if (!isKey(key)) throw expected('names joined by single slashes, none of them "." or "..", without backslashes', "a key", key);
}

/** Throws a UsageError for a prefix that no key begins with. */
export function checkPrefix(prefix: string): void {
  // After the last slash, any beginning of a name is valid.
  if (prefix !== "") checkKey(`${prefix}x`);
}
