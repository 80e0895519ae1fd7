// Where thaw stores what it computes about a data set: beside it, so that the photographs' own folder is not modified, or in the user's cache
// if nothing can be written there.

import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "./errors.ts";
import { hashJson } from "./hash.ts";
import type { Warning } from "./progress.ts";
import { isS3Address, parseS3Address, s3Address } from "./store/s3/address.ts";
import { systemCode } from "./system-error.ts";

/** What a choice of a folder depends on. */
export interface CachePlaces {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether the folder `path`, or the nearest above it that exists, can be written. */
  readonly canWrite?: (path: string) => boolean;
}

/**
 * The absolute path of the cache folder of the data set in the folder `data`: ".thaw/<name>" beside it, or if that cannot be written, or if `data` is an address,
 * "thaw/<name>-<hash of its path>" in the user's cache folder. Throws a UsageError if neither can be written.
 */
export function cacheFor(data: string, { env = process.env, canWrite = isWritable }: CachePlaces = {}): string {
  if (isS3Address(data)) return inUsersCache(s3Address(parseS3Address(data)), env);
  const path = resolve(data);
  const beside = besideOf(path);
  if (canWrite(beside)) return beside;
  const own = inUsersCache(path, env);
  if (canWrite(own)) return own;
  throw new UsageError(`Neither ${beside} nor ${own} can be written, so nothing can be stored`, "Name a folder with --cache (cache).");
}

function inUsersCache(place: string, env: Readonly<Record<string, string | undefined>>): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "thaw", `${basename(place)}-${hashJson(place).slice(0, 8)}`);
}

/** A warning if `cache`, which cacheFor gave for `data`, is not beside it. */
export function elsewhereWarning(data: string, cache: string): Warning | undefined {
  const beside = besideOf(resolve(data));
  return cache === beside || isS3Address(data)
    ? undefined
    : { message: `${beside} cannot be written, so what is computed is stored in ${cache}`, hint: "Name another folder with --cache." };
}

function besideOf(path: string): string {
  return join(dirname(path), ".thaw", basename(path));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    const above = dirname(path);
    return systemCode(error) === "ENOENT" && above !== path && isWritable(above);
  }
}
