// Storage in a browser: addresses, absolute or relative to the page, are only read; other names are folders of the browser's own storage.

import { bytesToHex } from "@noble/hashes/utils.js";
import { UsageError } from "../errors.ts";
import { hashBytes, hashJson } from "../hash.ts";
import { addressReader } from "./addresses.ts";
import { databaseStore } from "./database.browser.ts";
import { isAddress } from "./places.ts";
import { openSharedLog } from "./shared-log.browser.ts";
import type { Storage } from "./storage.ts";
import type { Store, StoredFile } from "./store.ts";

// Defined only in pages served over https or from this machine; elsewhere JavaScript computes the hashes.
const { subtle } = globalThis.crypto as { readonly subtle?: { digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer> } };

export const storage: Storage = {
  open,
  openFile,
  reader: (place) => (isAddress(place) ? addressReader(place) : databaseStore(place)),
  fileReader(path) {
    if (!isAddress(path)) return openFile(path);
    const end = path.lastIndexOf("/") + 1;
    return { store: addressReader(path.slice(0, end) || "."), key: path.slice(end) };
  },
  async openLog(path) {
    const { store, key } = openFile(path);
    return openSharedLog(store, key);
  },
  cacheFor(data) {
    const above = data.replace(/\/+$/, "").lastIndexOf("/") + 1;
    return isAddress(data) ? `.thaw/${hashJson(data).slice(0, 16)}` : `${data.slice(0, above)}.thaw/${data.slice(above)}`;
  },
  modelHint: "Give its name in the browser's storage, the address of its folder or zip (./pets), or all files of its folder.",
  hash: async (bytes) => (subtle ? bytesToHex(new Uint8Array(await subtle.digest("SHA-256", unshared(bytes)))) : hashBytes(bytes)),
};

function open(folder: string): Store {
  if (isAddress(folder))
    throw new UsageError(
      `${folder} is an address, to which nothing can be written`,
      'Name a folder of the browser\'s own storage, such as "models/pets".',
    );
  return databaseStore(folder);
}

function openFile(path: string): StoredFile {
  const end = path.lastIndexOf("/") + 1;
  return { store: open(path.slice(0, end)), key: path.slice(end) };
}

/** The bytes, copied if threads share their memory, which the browser does not hash. */
function unshared(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice();
}
