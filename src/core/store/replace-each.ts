// Replacing everything in a store whose values can only be exchanged one by one.

import { type Content, checkKey, type Store } from "./store.ts";

/** Puts `contents`, and deletes what else is there. What cannot be made is not begun to be written. */
export async function replaceEach(store: Pick<Store, "put" | "list" | "delete">, contents: ReadonlyMap<string, Content>): Promise<void> {
  for (const key of contents.keys()) checkKey(key);
  const made = [...contents].map(([key, content]) => [key, isWhole(content) ? content : [...content]] as const);
  for (const [key, content] of made) await store.put(key, content);
  for (const { key } of await store.list("")) if (!contents.has(key)) await store.delete(key);
}

function isWhole(content: Content): content is string | Uint8Array {
  return typeof content === "string" || content instanceof Uint8Array;
}
