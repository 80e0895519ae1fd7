// A store in memory: the minimum that the contract of stores requires, without synchronous reading, like a browser's or an object store.

import { type Content, checkKey, checkPrefix, type Store, type StoreEntry } from "../../src/core/store/store.ts";

/** An empty store, called "memory" in messages. */
export function memoryStore(): Store {
  let values = new Map<string, { readonly bytes: Uint8Array; readonly modified: number }>();
  const valueOf = (key: string) => {
    checkKey(key);
    return values.get(key);
  };
  const entryOf = (key: string): StoreEntry | undefined => {
    const value = valueOf(key);
    return value && { key, bytes: value.bytes.length, modified: value.modified };
  };
  const made = (key: string, content: Content) => {
    checkKey(key);
    const whole = typeof content === "string" || content instanceof Uint8Array ? content : [...content].join("");
    const bytes = typeof whole === "string" ? new TextEncoder().encode(whole) : whole.slice();
    return [key, { bytes, modified: Date.now() }] as const;
  };
  return {
    locate: (key) => (key === undefined ? "memory" : `memory/${key}`),
    get: async (key) => valueOf(key)?.bytes,
    getRange: async (key, start, length) => valueOf(key)?.bytes.slice(start, start + length),
    put: async (key, content) => void values.set(...made(key, content)),
    async create(key, content) {
      if (valueOf(key)) return false;
      values.set(...made(key, content));
      return true;
    },
    async replace(contents) {
      values = new Map([...contents].map(([key, content]) => made(key, content)));
    },
    stat: async (key) => entryOf(key),
    async list(prefix) {
      checkPrefix(prefix);
      return [...values.keys()].filter((key) => key.startsWith(prefix)).flatMap((key) => entryOf(key) ?? []);
    },
    async delete(key) {
      checkKey(key);
      values.delete(key);
    },
  };
}
