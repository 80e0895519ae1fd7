// Downloads one file into a partial file, through the hub's own library. That library (@huggingface/hub 2.17) always starts from the
// beginning and checks neither length nor hash; so it only describes a file (`fileDownloadInfo`) and delivers the missing part
// (`downloadFile`, `slice`), while thaw writes it and resumes after an interruption.

import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { systemCode, writeError } from "../../core/system-error.ts";
import type { HubFile } from "../published/published.ts";
import { connectionFailure, hubFileName, PassingFailure, unexpectedResponse } from "./failure.node.ts";
import { hubRequests, type Requests } from "./request.node.ts";
import type { HubSettings } from "./settings.node.ts";

export interface FetchOptions extends Pick<WorkOptions, "onProgress" | "signal"> {
  readonly settings: HubSettings;
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly patience: number;
  /** Milliseconds without data after which a connection is closed. */
  readonly stall: number;
}

/** The hub's description of a file. */
export interface Described {
  /** Identifies the content; for large files it is the SHA-256. */
  readonly etag: string;
  /** The commit that the revision points to; the etag if a mirror does not send it. */
  readonly commit: string;
  /** In bytes. */
  readonly size: number;
}

/** The most consecutive attempts that bring less than a megabyte each. */
const ATTEMPTS = 5;
/** In milliseconds; if a server asks for a longer pause, the error is left to the user. */
const LONGEST_PAUSE = 60_000;
const MEGABYTE = 1e6;

/**
 * Downloads `file` into the file that `place` returns for it, resuming at that file's end and retrying after temporary failures. Throws a
 * UsageError, or the reason of an aborted signal; the downloaded part stays.
 */
export async function fetchFile(
  file: HubFile,
  place: (described: Described) => Promise<string>,
  options: FetchOptions,
): Promise<Described & { readonly path: string }> {
  let arrived = 0;
  for (let attempt = 1; ; attempt++) {
    const before = arrived;
    try {
      return await once(file, place, options, (bytes) => {
        arrived += bytes;
      });
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof PassingFailure)) throw error;
      if (arrived - before >= MEGABYTE) attempt = 1;
      if (attempt === ATTEMPTS || error.pause > LONGEST_PAUSE) throw error.failure;
      await wait(Math.max(error.pause, options.patience * 2 ** (attempt - 1)), undefined, { signal: options.signal });
    }
  }
}

async function once(
  file: HubFile,
  place: (described: Described) => Promise<string>,
  { settings, stall, signal, onProgress }: FetchOptions,
  count: (bytes: number) => void,
): Promise<Described & { readonly path: string }> {
  const { fileDownloadInfo, downloadFile } = await import("@huggingface/hub");
  const { endpoint } = settings;
  const watch = watchStream(stall, signal);
  const requests = hubRequests(file, settings, watch.signal);
  const address = { repo: file.repository, path: file.file, revision: file.revision, hubUrl: endpoint, fetch: requests.fetch };
  try {
    const info = await fileDownloadInfo(address);
    if (info === null) throw unexpectedResponse(file, endpoint, "nothing");
    const described = describe(info, requests);
    const path = await place(described);
    // The plain protocol, which every mirror supports and which can deliver any part.
    const content = await downloadFile({ ...address, downloadInfo: info, xet: false });
    await append(path, described.size, content as Blob, (done, bytes) => {
      watch.alive();
      count(bytes);
      onProgress?.({ task: `Downloading ${hubFileName(file)}`, done: megabytes(done), total: megabytes(described.size), unit: "MB" });
    });
    return { ...described, path };
  } catch (error) {
    throw readableError(requests.failure() ?? error, file, endpoint);
  } finally {
    watch.release();
  }
}

function describe({ size, etag }: { readonly size: number; readonly etag: string }, { fileHeaders }: Requests): Described {
  const name = (fileHeaders.etag ?? etag).replace(/[^\w-]/g, "_");
  return { etag: name, commit: fileHeaders.commit?.replace(/[^\w-]/g, "_") ?? name, size };
}

/** Appends the missing part of `content`, which has `size` bytes, to the file `path`. */
async function append(path: string, size: number, content: Blob, onBytes: (done: number, bytes: number) => void): Promise<void> {
  const handle = await openPartial(path);
  try {
    let { size: done } = await handle.stat();
    // If the file is longer than the content, none of it can be right.
    if (done > size) {
      await handle.truncate(0);
      done = 0;
    }
    onBytes(done, 0);
    if (done === size) return;
    for await (const bytes of content.slice(done).stream() as unknown as AsyncIterable<Uint8Array>) {
      await handle.appendFile(bytes).catch((error) => {
        throw writeError(error, path);
      });
      done += bytes.length;
      onBytes(done, bytes.length);
    }
    if (done !== size) throw new TypeError(`the response ended after ${done} of ${size} bytes`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openPartial(path: string): Promise<FileHandle> {
  return open(path, "a").catch((error) => {
    throw writeError(error, path);
  });
}

/** The error to throw for `error`: a PassingFailure if it is temporary, a UsageError if the user can fix it, otherwise itself. */
function readableError(error: unknown, file: HubFile, endpoint: string): unknown {
  if (error instanceof UsageError || error instanceof PassingFailure) return error;
  // fetch and streams throw TypeErrors for a failed connection, and the reason of an aborted signal.
  if (error instanceof TypeError || error instanceof Stalled) return new PassingFailure(connectionFailure(file, endpoint, error), 0);
  if (systemCode(error) !== undefined || !(error instanceof Error)) return error;
  return unexpectedResponse(file, endpoint, `something that its library cannot read ("${error.message}")`);
}

class Stalled extends Error {}

/** Ends a connection that brings no data for `milliseconds`, or when `signal` is aborted. */
function watchStream(milliseconds: number, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Stalled(`no data arrived for ${Math.round(milliseconds / 1000)} seconds`)),
    milliseconds,
  );
  return {
    signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
    alive: () => void timer.refresh(),
    release: () => clearTimeout(timer),
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / (MEGABYTE / 10)) / 10;
}
