// Storage in a browser: addresses, absolute or relative to the page.

import { bytesToHex } from "@noble/hashes/utils.js";
import { hashBytes } from "./hash.ts";
import type { Storage } from "./storage.ts";

// Only in pages served by https or from this machine; elsewhere hashing is left to JavaScript.
const { subtle } = globalThis.crypto as { readonly subtle?: { digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer> } };

export const storage: Storage = {
  async read(folder, name) {
    const response = await fetch(`${folder.replace(/\/+$/, "")}/${name}`);
    if (!response.ok) throw new Error(`${response.url}: ${response.status} ${response.statusText}`);
    return new Uint8Array(await response.arrayBuffer());
  },
  hash: async (bytes) => (subtle ? bytesToHex(new Uint8Array(await subtle.digest("SHA-256", bytes))) : hashBytes(bytes)),
};
