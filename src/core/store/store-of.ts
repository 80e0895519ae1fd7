// Stores and their values, given by paths or as themselves: what the public API takes for a folder or a file that thaw writes.

import { storage } from "#storage";
import type { Store, StoredFile, StoreReader } from "./store.ts";

/** The store in the folder `place`, or the one that it is. */
export function storeOf(place: string | Store): Store {
  return typeof place === "string" ? storage.open(place) : place;
}

/** The reader of the folder or address `place`, or the one that it is. */
export function readerOf(place: string | StoreReader): StoreReader {
  return typeof place === "string" ? storage.reader(place) : place;
}

/** The file `place` as a value in the store of its folder, or the value that it is. */
export function storedFileOf(place: string | StoredFile): StoredFile {
  return typeof place === "string" ? storage.openFile(place) : place;
}
