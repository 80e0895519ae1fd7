// A store: values under keys, wherever they lie. What thaw retains (activations, checkpoints, models, ranges for 8 bit) goes through one, so
// that a disk, a browser's own storage and an object store differ in one file each. test/contract/store.ts holds every store to what is said here.

import { expected } from "../errors.ts";

/**
 * A value to put. Text is written as UTF-8. Pieces of text, for what is too long to be put together, are written one after another, and gone
 * through again if a write has to begin anew.
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
 * A store to read from. A key is one or more parts joined by single slashes, as in "activations/ab12.zarr/c.0.0": no part is empty, "." or "..",
 * and none has a backslash or a null character. Other keys throw a UsageError, so that none leads out of the store.
 */
export interface StoreReader {
  /** What messages call the value of `key`, or the store itself: on a disk a path, elsewhere an address. */
  locate(key?: string): string;
  /** The value; undefined if there is none. Throws the platform's error for one that cannot be read. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** The bytes from `start`, up to `length` of them, fewer if the value ends before; undefined if there is none. Throws as `get`. */
  getRange(key: string, start: number, length: number): Promise<Uint8Array | undefined>;
  /**
   * Fills `into` with the bytes from `start`; false if there is no value, or one that ends before. Stores that are quicker at once than
   * by a promise have this: a row of activations is read in less time than a promise takes to come back from another thread.
   */
  readSync?(key: string, start: number, into: NodeJS.ArrayBufferView): boolean;
}

/**
 * A store. Several processes may use one at the same time without locks: a `put` is whole or not at all, to readers and after a crash alike, and of two
 * at once the last wins. What cannot be written throws a UsageError with its cure: no room, no permission, something else in the way.
 */
export interface Store extends StoreReader {
  /**
   * Puts a value in the place of what was there. A process that is killed in the middle may leave a value under the same key with "." and digits
   * behind it, which `list` shows and `delete` removes.
   */
  put(key: string, content: Content): Promise<void>;
  /** Puts these values in the place of all that the store holds: a reader finds all old ones, all new ones or, for a moment, none. */
  replace(contents: ReadonlyMap<string, Content>): Promise<void>;
  /** Size and date of a value; undefined if there is none. */
  stat(key: string): Promise<StoreEntry | undefined>;
  /** The values whose keys begin with `prefix`, in no particular order; "" lists all. */
  list(prefix: string): Promise<StoreEntry[]>;
  /** Deletes the value, if there is one. */
  delete(key: string): Promise<void>;
  /** Bytes that may still be put; undefined if that is not known. */
  freeSpace?(): Promise<number | undefined>;
}

/** One value's place, to read. */
export interface ReadableFile {
  readonly store: StoreReader;
  readonly key: string;
}

/** One value's place. */
export interface StoredFile extends ReadableFile {
  readonly store: Store;
}

const KEY = /^(?!\.{1,2}(?:\/|$))[^/\\\0]+(?:\/(?!\.{1,2}(?:\/|$))[^/\\\0]+)*$/;

/** Throws a UsageError for what is no key. */
export function checkKey(key: string): void {
  if (!KEY.test(key)) throw expected('names joined by single slashes, none of them "." or "..", without backslashes', "a key", key);
}

/** Throws a UsageError for a prefix that no key begins with. */
export function checkPrefix(prefix: string): void {
  // What is behind the last slash may be any beginning of a name.
  if (prefix !== "") checkKey(`${prefix}x`);
}
