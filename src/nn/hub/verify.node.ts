// Checks the SHA-256 of a file against the hub, the catalogue and the first download.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { UsageError } from "../../core/errors.ts";
import type { HubFile } from "../published/published.ts";
import { hubFailure } from "./failure.node.ts";
import { knownHash, recordHash, recordOf } from "./known.node.ts";

/** A file with its hash from the catalogue, if it has one. */
export interface PinnedFile extends HubFile {
  readonly sha256?: string | undefined;
}

/** The SHA-256 of the file `path`, in lower-case hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** The error if the hash `sha256` contradicts the catalogue or the first download; otherwise undefined. */
export async function mismatch(file: PinnedFile, sha256: string, known: string): Promise<UsageError | undefined> {
  const expected = file.sha256 ?? (await knownHash(known, file));
  if (expected === undefined || expected === sha256) return undefined;
  return file.sha256 !== undefined
    ? hubFailure(
        file,
        `it has the SHA-256 ${sha256}, but the catalogue lists ${expected}`,
        "Do not use it: it is not the published file. Delete it from the cache, and use another mirror (HF_ENDPOINT).",
      )
    : hubFailure(
        file,
        `it has the SHA-256 ${sha256}, but the first download had ${expected}`,
        `It has been changed or tampered with. If you know that the change is legitimate, delete ${recordOf(known, file)}.`,
      );
}

/** Records the hash of a file that the catalogue does not pin, if it is the first. */
export async function recordIfFirst(file: PinnedFile, sha256: string, known: string): Promise<void> {
  if (file.sha256 === undefined && (await knownHash(known, file)) === undefined) await recordHash(known, file, sha256);
}
