// A `fetch` for the hub's library. It follows redirects itself for two reasons: the token must go only to the endpoint, and the hub sends a
// file's commit and SHA-256 in its own response, not in that of the storage it redirects to.

import type { HubFile } from "../published/published.ts";
import { PassingFailure, statusFailure, unexpectedResponse } from "./failure.node.ts";
import type { HubSettings } from "./settings.node.ts";

/** The hub's information about the file. */
export interface HubHeaders {
  /** The commit that the revision points to. */
  commit?: string;
  /** For a large file its SHA-256. */
  etag?: string;
}

export interface Requests {
  readonly fetch: typeof fetch;
  readonly fileHeaders: HubHeaders;
  /** The error of the last failed request: the library passes on only its message. */
  readonly failure: () => unknown;
}

const REDIRECTS = 5;
const REDIRECTING = new Set([301, 302, 303, 307, 308]);
/** Statuses that are worth a retry. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/** What a server sends, in a message: short. */
function quoted(text: string): string {
  return `"${text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text}"`;
}

const LONGEST_QUOTE = 80;

/** Requests for `file`. They fail with a UsageError, with a PassingFailure, or like fetch. */
export function hubRequests(file: HubFile, { endpoint, token }: HubSettings, signal: AbortSignal): Requests {
  const fileHeaders: HubHeaders = {};
  let failed: unknown;

  async function follow(address: string, init: RequestInit): Promise<Response> {
    let url = new URL(address);
    for (let hop = 0; hop <= REDIRECTS; hop++) {
      const headers = new Headers(init.headers);
      // A compressed body could have any length; ranges and lengths are those of the file itself.
      headers.set("Accept-Encoding", "identity");
      if (token !== undefined && url.origin === new URL(endpoint).origin) headers.set("Authorization", `Bearer ${token}`);
      const response = await fetch(url, { ...init, headers, redirect: "manual", signal });
      const location = REDIRECTING.has(response.status) ? response.headers.get("Location") : null;
      if (response.ok || location !== null) recordHeaders(response, fileHeaders);
      if (location === null) return response;
      await response.body?.cancel();
      const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (!next || !(next.protocol === "https:" || next.protocol === url.protocol))
        throw unexpectedResponse(file, endpoint, `a redirect to ${quoted(location)}`);
      url = next;
    }
    throw unexpectedResponse(file, endpoint, "one redirect after another");
  }

  function problemOf({ status, ok, headers }: Response, init: RequestInit): Error | undefined {
    if (!ok) {
      const failure = statusFailure(file, endpoint, status, headers.get("X-Error-Code"), token !== undefined);
      return PASSING.has(status) ? new PassingFailure(failure, Number(headers.get("Retry-After") ?? 0) * 1000 || 0) : failure;
    }
    const type = headers.get("Content-Type") ?? "";
    if (/^text\/html/.test(type)) return unexpectedResponse(file, endpoint, "a web page");
    const encoding = headers.get("Content-Encoding") ?? "identity";
    if (encoding !== "identity") return unexpectedResponse(file, endpoint, `compressed data (${quoted(encoding)})`);
    const range = new Headers(init.headers).get("Range");
    if (range === null || type.includes("xet-fileinfo")) return undefined;
    // The whole file, or another part, would be written at the wrong offset.
    if (status !== 206) return unexpectedResponse(file, endpoint, `the status ${status} to a request for a part of it`);
    const given = headers.get("Content-Range") ?? "";
    return given.startsWith(`${range.replace("=", " ")}/`)
      ? undefined
      : unexpectedResponse(file, endpoint, `${quoted(given)} to a request for ${range}`);
  }

  return {
    fileHeaders,
    failure: () => failed,
    async fetch(input, init = {}) {
      try {
        const response = await follow(input instanceof Request ? input.url : String(input), init);
        const problem = problemOf(response, init);
        if (problem === undefined && !isProbe(init)) return response;
        await response.body?.cancel();
        if (problem !== undefined) throw problem;
        return new Response(null, { status: response.status, headers: response.headers });
      } catch (error) {
        failed = error;
        throw error;
      }
    },
  };
}

/** Whether only the headers of a response are wanted. Its body would keep the connection open. */
function isProbe(init: RequestInit): boolean {
  return new Headers(init.headers).get("Range") === "bytes=0-0";
}

function recordHeaders({ headers }: Response, fileHeaders: HubHeaders): void {
  const [commit, etag] = [headers.get("X-Repo-Commit"), headers.get("X-Linked-ETag") ?? headers.get("ETag")];
  if (commit !== null) fileHeaders.commit ??= commit;
  if (etag !== null) fileHeaders.etag ??= etag.replace(/^W\//, "").replaceAll('"', "");
}
