// SHA-256 in Node, by OpenSSL, which uses the processor's own instructions.

import { createHash } from "node:crypto";
import type { Sha256 } from "./sha256.ts";

export const sha256: Sha256 = (pieces) => {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
};
