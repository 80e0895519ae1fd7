// Files in a browser: those of its own storage.

import { storage } from "#storage";
import { UsageError } from "../../core/errors.ts";
import { isAddress } from "../../core/store/places.ts";
import type { Store } from "../../core/store/store.ts";
import { ImageError } from "../decode/image.ts";
import type { Files, LogFile } from "./file-tree.ts";
import { type NamedFiles, namedTree } from "./named-tree.ts";

export const files: Files = {
  tree(folder) {
    if (isAddress(folder))
      throw new UsageError(
        `${folder} is an address, and a page cannot list the files there`,
        "List them in a manifest: photosFromManifest.",
      );
    return namedTree(folder, () => storedFiles(storage.open(folder)));
  },
  resolve: (path) => path,
  // Files of trees tell these themselves.
  stat: async () => undefined,
  start: async () => undefined,
  openLog,
};

async function storedFiles(store: Store): Promise<NamedFiles> {
  const entries = await store.list("");
  return new Map(
    entries.map(({ key, bytes, modified }) => {
      const read = (work: (key: string) => Promise<Uint8Array | undefined>) => async () => {
        const found = await work(key);
        if (!found) throw new ImageError("file not found");
        return found;
      };
      const file = { read: read(store.get), start: read(() => store.getRange(key, 0, 1024)), status: { bytes, modified } };
      return [key, file];
    }),
  );
}

/** The most values of a log before they become one. */
const MOST_PARTS = 64;

/** A log in values that are numbered in their order, because a value cannot grow. */
async function openLog(folder: string, name: string): Promise<LogFile> {
  const store = storage.open(folder);
  const prefix = `${name}/`;
  const numbers = (await store.list(prefix)).map(({ key }) => Number(key.slice(prefix.length))).sort((a, b) => a - b);
  const parts = await Promise.all(numbers.map((number) => store.get(`${prefix}${number}`)));
  const text = parts.map((part) => new TextDecoder().decode(part)).join("");
  let next = (numbers.at(-1) ?? 0) + 1;
  const append = (more: string): Promise<void> => store.put(`${prefix}${next++}`, more);
  if (numbers.length > MOST_PARTS) {
    await append(text);
    for (const number of numbers) await store.delete(`${prefix}${number}`);
  }
  return { text, append, close: async () => {} };
}
