// A hub of one file on this machine, as Hugging Face's answers: the endpoint says what the file is and leads to a store, which gives the
// bytes. It can be told to misbehave.

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { HubFile } from "../../src/nn/index.ts";

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
export const FILE = { repository: "owner/name", file: "model.safetensors", revision: "main" } as const;

/** What happens to a request; true where it has been answered. */
export type Misbehaviour = (request: Seen, response: ServerResponse) => boolean;

export interface Seen {
  readonly server: "endpoint" | "store";
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  /** How many requests the same server had before. */
  readonly before: number;
}

export interface TestHub {
  /** Address of the endpoint. */
  readonly address: string;
  readonly requests: readonly Seen[];
}

/** Starts a hub with `content` as its `file`, until the test ends. */
export async function startHub(content: Buffer, misbehave: Misbehaviour = () => false, file: HubFile = FILE): Promise<TestHub> {
  const requests: Seen[] = [];
  const see = (server: Seen["server"], request: IncomingMessage): Seen => {
    const { url = "", headers } = request;
    const seen = { server, path: url, authorization: headers.authorization, range: headers.range };
    requests.push({ ...seen, before: requests.filter((other) => other.server === server).length });
    return requests.at(-1) as Seen;
  };
  const store = await listen((request, response) => {
    const seen = see("store", request);
    if (!misbehave(seen, response)) give(content, seen.range, response);
  });
  const endpoint = await listen((request, response) => {
    const seen = see("endpoint", request);
    if (misbehave(seen, response)) return;
    if (seen.path !== `/${file.repository}/resolve/${file.revision}/${file.file}`) {
      response.writeHead(404, { "X-Error-Code": "EntryNotFound" }).end();
      return;
    }
    response
      .writeHead(302, {
        Location: `${store}/bytes?signature=secret`,
        ETag: '"not the file\'s"',
        "X-Linked-ETag": `"${sha256(content)}"`,
        "X-Repo-Commit": COMMIT,
      })
      .end();
  });
  return { address: endpoint, requests };
}

/** Answers with `content`, or the part that `range` asks for. */
export function give(content: Buffer, range: string | undefined, response: ServerResponse, upTo = content.length): void {
  const [, from = "0", to = `${content.length - 1}`] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
  const part = content.subarray(Number(from), Number(to) + 1);
  const headers = { "Content-Type": "application/octet-stream", "Content-Length": part.length, ETag: '"of the store"' };
  response.writeHead(range ? 206 : 200, { ...headers, ...(range && { "Content-Range": `bytes ${from}-${to}/${content.length}` }) });
  const sent = part.subarray(0, Math.max(0, upTo - Number(from)));
  // Cut off where not all of it may be sent.
  if (sent.length === part.length) response.end(part);
  else response.write(sent, () => response.destroy());
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
