// The file cache that Hugging Face's tools share: models--<owner>--<name>/blobs/<etag>, snapshots/<commit>/<file> as a link to one of
// these, refs/<revision> with a commit in it. thaw finds files that Python downloaded, and Python finds thaw's.

import { copyFile, readdir, readFile, realpath, rename, rm, stat, symlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { ensureFolder, writeFile } from "../../core/files.node.ts";
import { writeError } from "../../core/system-error.ts";
import { hasEnded, ownerName } from "../../core/temporary.node.ts";
import type { HubFile } from "../published/published.ts";
import { checkHubFile } from "./hub-file.ts";

const COMMIT = /^[0-9a-f]{40}$/;
const PARTIAL = ".incomplete";

/** The cache paths of one file. */
export interface CachePlaces {
  readonly repository: string;
  readonly file: string;
  readonly revision: string;
}

/** The paths of `file` in the cache folder `cache`. Throws a UsageError for names that would lead out of it. */
export function cachePlaces(cache: string, hubFile: HubFile): CachePlaces {
  checkHubFile(hubFile);
  const { repository, file, revision } = hubFile;
  return { repository: join(cache, `models--${repository.replaceAll("/", "--")}`), file, revision };
}

/** The file's path, if it is in the cache. */
export async function cachedFile({ repository, file, revision }: CachePlaces): Promise<string | undefined> {
  const commit = COMMIT.test(revision) ? revision : await readFile(join(repository, "refs", revision), "utf8").catch(() => undefined);
  if (commit === undefined) return undefined;
  const path = join(repository, "snapshots", commit.trim(), file);
  return (await stat(path).catch(() => undefined))?.isFile() ? path : undefined;
}

/** The SHA-256 in the cache's own name for `path`, which is a link to it; undefined if that name is not a SHA-256. */
export async function namedHash(path: string): Promise<string | undefined> {
  const name = basename(await realpath(path));
  return /^[0-9a-f]{64}$/.test(name) ? name : undefined;
}

/**
 * The path of a partial file of `etag` that belongs to this thread only: one that an ended process left behind, or else a new one. No other
 * process writes to it, so two can download the same file; it is taken over by a rename, which succeeds for only one of them.
 */
export async function partialFile({ repository }: CachePlaces, etag: string): Promise<string> {
  const blobs = join(repository, "blobs");
  const mine = join(blobs, `${etag}.${ownerName()}${PARTIAL}`);
  await ensureFolder(blobs);
  const left = (await readdir(blobs)).filter((name) => name.startsWith(`${etag}.`) && name.endsWith(PARTIAL) && isAbandoned(name));
  for (const name of left) {
    const taken = await rename(join(blobs, name), mine).then(
      () => true,
      () => false,
    );
    if (taken) return mine;
  }
  return mine;
}

/** Moves a complete and checked partial file into the cache under `commit`, and returns its path there. */
export async function storeFile(places: CachePlaces, partial: string, etag: string, commit: string): Promise<string> {
  const { repository, file, revision } = places;
  const blob = join(repository, "blobs", etag);
  const path = join(repository, "snapshots", commit, file);
  try {
    await rename(partial, blob);
    await ensureFolder(dirname(path));
    const fresh = `${path}.${ownerName()}`;
    await rm(fresh, { force: true });
    // If links are not allowed (Windows), the file is copied.
    await symlink(relative(dirname(path), blob), fresh).catch(() => copyFile(blob, fresh));
    await rename(fresh, path);
  } catch (error) {
    throw writeError(error, path);
  }
  if (revision !== commit) await writeFile(join(repository, "refs", revision), commit);
  return path;
}

/** Whether the process that a partial file is named after ran on this machine and has ended. */
function isAbandoned(name: string): boolean {
  return hasEnded(name.slice(0, -PARTIAL.length).split(".").slice(-3).join("."));
}
