// Files of the Hugging Face hub, from the cache that Hugging Face's tools share or downloaded into it. The hash is checked at every use.

import { rm } from "node:fs/promises";
import type { HubFile } from "../published/published.ts";
import { type CachePlaces, cachedFile, cachePlaces, namedHash, partialFile, storeFile } from "./cache.node.ts";
import { hubFailure } from "./failure.node.ts";
import { fetchFile } from "./fetch-file.node.ts";
import { type HubSettings, hubSettings } from "./settings.node.ts";
import { hashFile, mismatch, type PinnedFile, recordIfFirst } from "./verify.node.ts";
import type { FindWeightsOptions } from "./weights.ts";

export interface HubOptions extends FindWeightsOptions {
  /** Environment variables; default the process's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Milliseconds before a request is repeated, doubled each time; default 500. */
  readonly patience?: number;
  /** Milliseconds in which at least 1,000 bytes per second must arrive, or the connection is closed; default 30,000. */
  readonly stall?: number | undefined;
  /** The most consecutive attempts that bring less than a megabyte each; default 5. */
  readonly attempts?: number | undefined;
}

const underWay = new Map<string, Promise<string>>();

/**
 * The path of `file`, which is downloaded if it is not in the cache. Its SHA-256 must equal the catalogue's (if it has one), the hub's, and
 * that of the first download. Throws a UsageError that names the file, the cause and the cure, or the reason of an aborted signal; the part
 * that was downloaded is retained, and the next call resumes there.
 */
export async function hubFile(file: PinnedFile, options: HubOptions = {}): Promise<string> {
  const settings = hubSettings(options.env ?? process.env);
  const places = cachePlaces(settings.cache, file);
  // A request during a running download waits for that download.
  const key = JSON.stringify(places);
  const work = underWay.get(key) ?? findOrFetch(file, places, settings, options).finally(() => underWay.delete(key));
  underWay.set(key, work);
  return work;
}

/** The path of `file` in the cache, if it is there; uses no network and checks nothing. */
export async function cachedPath(file: HubFile, env: HubOptions["env"] = process.env): Promise<string | undefined> {
  return cachedFile(cachePlaces(hubSettings(env).cache, file));
}

async function findOrFetch(file: PinnedFile, places: CachePlaces, settings: HubSettings, options: HubOptions): Promise<string> {
  const { offline = settings.offline } = options;
  const cached = await cachedFile(places);
  if (cached !== undefined) return fromCache(file, cached, settings);
  if (!offline) return fromHub(file, places, settings, options);
  throw hubFailure(
    file,
    `it is not in the cache ${settings.cache}, and downloads are disabled`,
    "Run once without --offline and HF_HUB_OFFLINE, or name a file or a folder with --weights.",
  );
}

async function fromCache(file: PinnedFile, path: string, { known }: HubSettings): Promise<string> {
  const [hash, named] = await Promise.all([hashFile(path), namedHash(path)]);
  if (named !== undefined && named !== hash)
    throw hubFailure(file, `the file in the cache is damaged: ${path}`, "Delete it and run the same command again.");
  const problem = await mismatch(file, hash, known);
  if (problem) throw problem;
  await recordIfFirst(file, hash, known);
  return path;
}

async function fromHub(file: PinnedFile, places: CachePlaces, settings: HubSettings, options: HubOptions): Promise<string> {
  const { patience = 500, stall = 30_000, attempts = 5, onProgress, signal } = options;
  const fetched = await fetchFile(file, ({ etag }) => partialFile(places, etag), {
    settings,
    patience,
    stall,
    attempts,
    onProgress,
    signal,
  });
  const { path: partial, etag, commit } = fetched;
  const hash = await hashFile(partial);
  const promised = /^[0-9a-f]{64}$/.test(etag) ? etag : hash;
  const problem =
    hash === promised
      ? await mismatch(file, hash, settings.known)
      : hubFailure(
          file,
          `the download has the SHA-256 ${hash}, but the hub lists ${promised}`,
          "It was damaged in transit and has been deleted: run the same command again, or use another mirror (HF_ENDPOINT).",
        );
  if (problem) {
    await rm(partial, { force: true });
    throw problem;
  }
  await recordIfFirst(file, hash, settings.known);
  return storeFile(places, partial, etag, commit);
}
