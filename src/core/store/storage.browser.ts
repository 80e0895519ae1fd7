// Storage in a browser: addresses, absolute or relative to the page.

import { bytesToHex } from "@noble/hashes/utils.js";
import { UsageError } from "../errors.ts";
import { hashBytes } from "../hash.ts";
import { addressReader } from "./addresses.ts";
import type { Storage } from "./storage.ts";

// Defined only in pages served over https or from this machine; elsewhere JavaScript computes the hashes.
const { subtle } = globalThis.crypto as { readonly subtle?: { digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer> } };

export const storage: Storage = {
  open: noFolder,
  openFile: noFolder,
  reader: addressReader,
  fileReader(address) {
    const end = address.lastIndexOf("/") + 1;
    return { store: addressReader(address.slice(0, end) || "."), key: address.slice(end) };
  },
  cacheFor: noFolder,
  hash: async (bytes) => (subtle ? bytesToHex(new Uint8Array(await subtle.digest("SHA-256", bytes))) : hashBytes(bytes)),
};

function noFolder(path: string): never {
  throw new UsageError(`There is no file system here for ${path}`, "Run this in Node.");
}
