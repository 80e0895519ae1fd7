// Content hashes, the same on every platform.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { type Tensor, toBytes } from "./tensor.ts";

/** The SHA-256 of `bytes`, in lower-case hex. */
export function hashBytes(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

/** The SHA-256 of a value's JSON text. Objects must be built with their keys in a fixed order. */
export function hashJson(value: unknown): string {
  return hashBytes(utf8ToBytes(JSON.stringify(value)));
}

/** Identifies a tensor, for use in a hash: its type, its shape and the SHA-256 of its elements. */
export function contentOf(tensor: Tensor): readonly [type: string, shape: readonly number[], elements: string] {
  return [tensor.type, tensor.shape, hashBytes(toBytes(tensor))];
}

/** The SHA-256 of the concatenated `pieces`, for texts that are too long for one string. */
export function hashPieces(pieces: Iterable<string>): string {
  const hash = sha256.create();
  for (const piece of pieces) hash.update(utf8ToBytes(piece));
  return bytesToHex(hash.digest());
}
