// What is at an address, within bounds: on length, and on how long a connection may bring nothing.

import { byteSize } from "./byte-size.ts";
import { UnavailableError, UsageError } from "./errors.ts";

export interface FetchOptions {
  /** The most bytes that are read. */
  readonly most: number;
  /** Milliseconds in which something must arrive, or the connection is closed; default 30,000. */
  readonly stall?: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether it will be read again soon: a browser then gives what it has, however old. */
  readonly again?: boolean;
  /** Sent as a form, if given. */
  readonly form?: Readonly<Record<string, string>>;
  /** Is told how many bytes have arrived, and of how many if the server says that. */
  readonly onBytes?: (done: number, total: number | undefined) => void;
}

const STALL = 30_000;

/**
 * The bytes at `address`. Throws a UsageError that says why if they cannot be had (an UnavailableError if they may be had later), or the reason of an aborted signal; in a browser a server
 * elsewhere must allow the page to read them.
 */
export async function fetchBytes(
  address: string,
  { most, stall = STALL, signal, again = false, form, onBytes }: FetchOptions,
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const ended = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const arrived = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => ended.abort(new Stalled()), stall);
  };
  try {
    arrived();
    const stopped = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
    const body = form && { method: "POST", body: new URLSearchParams(form) };
    // The types of Node's fetch know no cache, which it ignores.
    const init: object = { signal: stopped, cache: again ? "force-cache" : "default", ...body };
    const response = await fetch(address, init);
    if (!response.ok) throw refused(address, response);
    const total = lengthOf(response);
    if (total !== undefined && total > most) throw tooLong(address, total, most);
    let bytes = new Uint8Array(total ?? 65_536);
    let done = 0;
    onBytes?.(done, total);
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      arrived();
      const { value } = part;
      if (done + value.length > most) throw tooLong(address, done + value.length, most);
      if (done + value.length > bytes.length) bytes = extended(bytes, Math.max(done + value.length, Math.min(most, 2 * bytes.length)));
      bytes.set(value, done);
      done += value.length;
      onBytes?.(done, total);
    }
    if (total !== undefined && done < total) throw cut(address, done, total);
    return bytes.subarray(0, done);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof UsageError ? error : failure(address, ended.signal.aborted ? ended.signal.reason : error, stall);
  } finally {
    clearTimeout(timer);
    ended.abort();
  }
}

class Stalled extends Error {}

/** What arrives in all, if that is known: what is compressed on the way has another length. */
function lengthOf({ headers }: Response): number | undefined {
  const length = Number(headers.get("content-length") ?? Number.NaN);
  return Number.isSafeInteger(length) && length >= 0 && headers.get("content-encoding") === null ? length : undefined;
}

function extended(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(length);
  longer.set(bytes);
  return longer;
}

function refused(address: string, { status, statusText }: Response): UsageError {
  const cure =
    status === 401 || status === 403
      ? "It may be private: get the file by other means."
      : status === 404
        ? "Check the address."
        : "Try again later, or use another address.";
  const Problem = status >= 500 || status === 429 || status === 408 ? UnavailableError : UsageError;
  return new Problem(`Cannot get ${address}: its server answers ${[status, statusText].join(" ").trim()}`, cure);
}

function tooLong(address: string, length: number, most: number): UsageError {
  return new UsageError(
    `Cannot get ${address}: it has ${byteSize(length)} or more, where ${byteSize(most)} are the most`,
    "Check the address.",
  );
}

function cut(address: string, done: number, total: number): UsageError {
  return new UnavailableError(`Cannot get ${address}: the connection ended after ${done} of ${total} bytes`, "Try again.");
}

function failure(address: string, error: unknown, stall: number): UsageError {
  const cause = { cause: error };
  if (error instanceof Stalled)
    return new UnavailableError(
      `Cannot get ${address}: nothing arrived in ${stall / 1000} seconds`,
      "Check the connection, and try again.",
      cause,
    );
  return new UnavailableError(
    `Cannot get ${address}: the connection failed`,
    "Check the address and the connection; for a page, a server elsewhere must send the header Access-Control-Allow-Origin.",
    cause,
  );
}
