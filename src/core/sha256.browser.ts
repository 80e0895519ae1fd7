// SHA-256 in a browser, whose own one answers later, and not in pages without encryption.

import { sha256 as hashing } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Sha256 } from "./sha256.ts";

export const sha256: Sha256 = (pieces) => {
  const hash = hashing.create();
  for (const piece of pieces) hash.update(typeof piece === "string" ? utf8ToBytes(piece) : piece);
  return bytesToHex(hash.digest());
};
