// A part of a store as a store of its own.

import { replaceEach } from "./replace-each.ts";
import { checkKey, checkPrefix, type Store, type StoreEntry } from "./store.ts";

/**
 * The values of `store` whose keys begin with `folder` and a slash. Its `replace` exchanges value after value: a reader may find old ones beside
 * new ones for a moment, and so does one that comes after a crash.
 */
export function within(store: Store, folder: string): Store {
  const inside = (key: string): string => {
    checkKey(key);
    return `${folder}/${key}`;
  };
  const outside = (entry: StoreEntry): StoreEntry => ({ ...entry, key: entry.key.slice(folder.length + 1) });
  const list = async (prefix: string): Promise<StoreEntry[]> => {
    checkPrefix(prefix);
    return (await store.list(`${folder}/${prefix}`)).map(outside);
  };
  const { readSync, freeSpace } = store;
  const inner: Store = {
    locate: (key) => store.locate(key === undefined ? folder : inside(key)),
    get: async (key) => store.get(inside(key)),
    getRange: async (key, start, length) => store.getRange(inside(key), start, length),
    ...(readSync && { readSync: (key: string, start: number, into: Uint8Array | Float32Array) => readSync(inside(key), start, into) }),
    put: async (key, content) => store.put(inside(key), content),
    create: async (key, content) => store.create(inside(key), content),
    replace: (contents) => replaceEach(inner, contents),
    async stat(key) {
      const found = await store.stat(inside(key));
      return found && outside(found);
    },
    list,
    delete: async (key) => store.delete(inside(key)),
    ...(freeSpace && { freeSpace: () => freeSpace() }),
  };
  return inner;
}
