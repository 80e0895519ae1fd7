// Downloads one file into a partial file, through the hub's own library. That library (@huggingface/hub 2.17) always starts from the
// beginning and checks neither length nor hash; so it only describes a file (`fileDownloadInfo`) and delivers the missing part
// (`downloadFile`, `slice`), while thaw writes it and resumes after an interruption.

import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { byteSize } from "../../core/byte-size.ts";
import { freeSpace } from "../../core/disk-space.node.ts";
import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { systemCode, writeError } from "../../core/system-error.ts";
import type { HubFile } from "../published/published.ts";
import { connectionFailure, hubFailure, hubFileName, PassingFailure, unexpectedResponse } from "./failure.node.ts";
import { hubRequests, type Requests } from "./request.node.ts";
import type { HubSettings } from "./settings.node.ts";
import { Stalled, watchStream } from "./watch.node.ts";

export interface FetchOptions extends Pick<WorkOptions, "onProgress" | "signal"> {
  readonly settings: HubSettings;
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly patience: number;
  /** Milliseconds in which at least 1,000 bytes per second must arrive, or the connection is closed. */
  readonly stall: number;
  /** The most consecutive attempts that bring less than a megabyte each. */
  readonly attempts: number;
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

/** In milliseconds; if a server asks for a longer pause, the error is left to the user. */
const LONGEST_PAUSE = 60_000;
const MEGABYTE = 1e6;
/** The most bytes of a file; the largest networks for images have a tenth of it. */
const LARGEST = 2e10;

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
  let first: Described | undefined;
  const samePlace = (described: Described): Promise<string> => {
    // A server whose file changes all the time would never end.
    if (first && (first.etag !== described.etag || first.size !== described.size))
      throw unexpectedResponse(file, options.settings.endpoint, "another file at each request");
    first = described;
    return place(described);
  };
  for (let attempt = 1; ; attempt++) {
    const before = arrived;
    try {
      return await once(file, samePlace, options, (bytes) => {
        arrived += bytes;
      });
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof PassingFailure)) throw error;
      if (arrived - before >= MEGABYTE) attempt = 1;
      if (attempt === options.attempts || error.pause > LONGEST_PAUSE) throw error.failure;
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
    checkSize(file, described.size, endpoint);
    const path = await place(described);
    // The plain protocol, which every mirror supports and which can deliver any part.
    const content = await downloadFile({ ...address, downloadInfo: info, xet: false });
    await append(file, endpoint, path, described.size, content as Blob, (done, bytes) => {
      watch.arrived(bytes);
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
  const name = nameOf(fileHeaders.etag ?? etag);
  return { etag: name, commit: fileHeaders.commit === undefined ? name : nameOf(fileHeaders.commit), size };
}

/** What a server sent, as the name of a file. */
function nameOf(text: string): string {
  return /^[\w-]{1,128}$/.test(text) ? text : createHash("sha256").update(`name ${text}`).digest("hex").slice(0, 40);
}

function checkSize(file: HubFile, size: number, endpoint: string): void {
  if (!Number.isSafeInteger(size) || size < 0) throw unexpectedResponse(file, endpoint, `a length of ${size} bytes`);
  if (size > LARGEST)
    throw hubFailure(
      file,
      `${endpoint} says that it has ${byteSize(size)}, more than any network for images`,
      "Check the name of the file, or download it by other means and name it with --weights.",
    );
}

/** Appends the missing part of `content`, which has `size` bytes, to the file `path`. */
async function append(
  file: HubFile,
  endpoint: string,
  path: string,
  size: number,
  content: Blob,
  onBytes: (done: number, bytes: number) => void,
): Promise<void> {
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
    const room = await freeSpace(dirname(path));
    if (room !== undefined && room < size - done)
      throw new UsageError(
        `${hubFileName(file)} needs ${byteSize(size - done)}, and the disk of ${dirname(path)} has room for ${byteSize(room)}`,
        "Free some space, or choose a folder on another disk with HF_HOME.",
      );
    for await (const bytes of content.slice(done).stream() as unknown as AsyncIterable<Uint8Array>) {
      if (done + bytes.length > size) {
        // If its length is a lie, so may be all that came before.
        await handle.truncate(0);
        throw unexpectedResponse(file, endpoint, `more than the ${size} bytes that it announced`);
      }
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

function megabytes(bytes: number): number {
  return Math.round(bytes / (MEGABYTE / 10)) / 10;
}
