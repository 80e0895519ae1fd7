// Trust on first use: the SHA-256 of the first download of a file that the catalogue does not pin is written down, and every later one must have
// it, from whatever mirror it comes.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import type { HubFile } from "../published/published.ts";
import { hubFileName } from "./failure.node.ts";

const recordSchema = v.object({ sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) });

/** Where the hash of `file` is written down, in the folder `known`. */
export function recordOf(known: string, { repository, file, revision }: HubFile): string {
  return join(known, repository.replaceAll("/", "--"), revision, `${file}.json`);
}

/** The hash of the first download; undefined where there was none. Throws a UsageError for a record that is damaged. */
export async function knownHash(known: string, file: HubFile): Promise<string | undefined> {
  const record = recordOf(known, file);
  const text = await readFile(record, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return v.parse(recordSchema, JSON.parse(text)).sha256;
  } catch (cause) {
    throw new UsageError(
      `The record of the first download of ${hubFileName(file)} is damaged: ${record}`,
      "Delete it where you trust what the hub gives now.",
      { cause },
    );
  }
}

/** Writes down the hash of a first download. */
export async function recordHash(known: string, file: HubFile, sha256: string): Promise<void> {
  await writeFile(recordOf(known, file), `${JSON.stringify({ sha256 })}\n`);
}
