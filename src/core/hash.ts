// Content hashes, the same on every platform.

import { sha256 } from "#sha256";
import { type Tensor, toBytes } from "./tensor.ts";

/** The SHA-256 of `bytes`, in lower-case hex. */
export function hashBytes(bytes: Uint8Array): string {
  return sha256([bytes]);
}

/** The SHA-256 of a value's JSON text. Objects must be built with their keys in a fixed order. */
export function hashJson(value: unknown): string {
  return sha256([JSON.stringify(value)]);
}

/** Identifies a tensor, for use in a hash: its type, its shape and the SHA-256 of its elements. */
export function contentOf(tensor: Tensor): readonly [type: string, shape: readonly number[], elements: string] {
  return [tensor.type, tensor.shape, hashBytes(toBytes(tensor))];
}

/** The SHA-256 of the concatenated `pieces`, for texts that are too long for one string. */
export function hashPieces(pieces: Iterable<string>): string {
  return sha256(pieces);
}
