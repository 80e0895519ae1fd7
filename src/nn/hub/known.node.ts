// Trust on first use: records the SHA-256 of the first download of a file that the catalogue does not pin; every later download must match
// it, from any mirror.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import { parseJson } from "../../core/json.ts";
import { readError, systemCode } from "../../core/system-error.ts";
import type { HubFile } from "../published/published.ts";
import { hubFileName } from "./failure.node.ts";

const recordSchema = v.object({ sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) });

/** The path of the record with the hash of `file`, in the folder `known`. */
export function recordOf(known: string, { repository, file, revision }: HubFile): string {
  return join(known, repository.replaceAll("/", "--"), revision, `${file}.json`);
}

/** The hash of the first download; undefined if there was none. Throws a UsageError for a record that is damaged or cannot be read. */
export async function knownHash(known: string, file: HubFile): Promise<string | undefined> {
  const record = recordOf(known, file);
  // Only a record that is not there is none: one that cannot be read still binds.
  const bytes = await readFile(record).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw readError(error, record);
  });
  if (bytes === undefined) return undefined;
  try {
    return v.parse(
      recordSchema,
      parseJson(bytes, { bytes: 10_000 }, (reason) => new Error(reason)),
    ).sha256;
  } catch (cause) {
    throw new UsageError(
      `The record of the first download of ${hubFileName(file)} is damaged: ${record}`,
      "Delete it if you trust the hub's current file.",
      { cause },
    );
  }
}

/** Records the hash of a first download. */
export async function recordHash(known: string, file: HubFile, sha256: string): Promise<void> {
  await writeFile(recordOf(known, file), `${JSON.stringify({ sha256 })}\n`);
}
