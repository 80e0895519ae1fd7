// How the server answers: every answer says what the page may load, that no other page may read it, and of what type it is.

import type { IncomingMessage, ServerResponse } from "node:http";

/** An answer that ends the work on a request. */
export class Answered extends Error {
  override readonly name = "Answered";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Headers of every answer. `sockets` are the origins of WebSockets that pages may open. */
export function commonHeaders(sockets: readonly string[]): Readonly<Record<string, string>> {
  const policy = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self'",
    // Attributes: frames of lists set sizes and places there.
    "style-src-attr": "'unsafe-inline'",
    "img-src": "'self' blob: data:",
    "media-src": "'self' blob:",
    "font-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self' blob:",
    "connect-src": `'self' blob: ${sockets.join(" ")}`,
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
  };
  return {
    "content-security-policy": Object.entries(policy)
      .map(([name, value]) => `${name} ${value}`)
      .join("; "),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
}

export interface Answer {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Seconds that the browser may keep it; default none. */
  readonly keep?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends an answer; of a HEAD request without its body. */
export function send(request: IncomingMessage, response: ServerResponse, { status = 200, type, body, keep, headers }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(status, {
    "content-type": type,
    "content-length": bytes.length,
    "cache-control": keep === undefined ? "no-store" : `private, max-age=${keep}, immutable`,
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}
