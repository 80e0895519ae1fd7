// An HTTP server that answers pictures with a model's predictions.

import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { FilePrediction } from "../classifier/classifier.ts";
import type { ModelDescription } from "../classifier/format.ts";
import type { FileValues } from "../classifier/regressor.ts";
import { UsageError } from "../core/errors.ts";
import { openMeasures } from "./measures.node.ts";
import { picturesIn, type RequestLimits, type SentPicture } from "./pictures.node.ts";
import { openPredictor, type Predictor } from "./predictor.node.ts";
import { Refusal } from "./refusal.ts";

export interface ServeOptions {
  /** The line of JSON that answers a picture. */
  readonly answer: (result: FilePrediction | FileValues, model: ModelDescription) => string;
  /** Default 127.0.0.1, which only this machine reaches. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Threads of the model; default one for each core. */
  readonly threads?: number;
  /** The most bytes of a request; default 32 MB. */
  readonly bytes?: number;
  /** The most pictures that are accepted and not answered yet; a request beyond them is refused with 429. Default 256. */
  readonly waiting?: number;
  /** What a client must send as "Authorization: Bearer <token>" to predict; default nothing. */
  readonly token?: string;
}

export interface ModelServer {
  /** Such as "http://127.0.0.1:8080". */
  readonly url: string;
  readonly description: ModelDescription;
  /** Whether whoever reaches this machine over the network gets predictions: it listens there, and wants no token. */
  readonly open: boolean;
  /** Loads the model anew, without losing a request. Throws, and goes on with the old one, if there is no sound model. */
  reload(): Promise<void>;
  /** Takes no more requests, answers those that came, and ends. */
  close(): Promise<void>;
}

const DEFAULTS = { host: "127.0.0.1", port: 0, bytes: 32_000_000, waiting: 256 };
/** Milliseconds in which a client must have sent the head of a request, and all of it. */
const [HEAD_TIMEOUT, REQUEST_TIMEOUT] = [10_000, 60_000];
/** Milliseconds in which requests still arrive on kept connections when the server ends. */
const DRAIN_TIME = 500;
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[?::1\]?)$/;

/** Serves the model in `model`, a folder or a zip of it. Throws a UsageError if there is no sound model, or the port is taken. */
export async function serveModel(model: string, options: ServeOptions): Promise<ModelServer> {
  const { host, port, bytes, waiting: room, token, threads, answer } = { token: undefined, threads: undefined, ...DEFAULTS, ...options };
  const predictor = await openPredictor({ model, room, ...(threads !== undefined && { threads }) });
  const measures = openMeasures(() => predictor.waiting);
  const limits: RequestLimits = { bytes, milliseconds: REQUEST_TIMEOUT, pictures: room };
  let closing = false;

  const predict: Handler = async (request, query) => {
    checkToken(request, token);
    const pictures = await picturesIn(request, query.get("file") ?? undefined, limits);
    const { description } = predictor;
    const results = await answersFor(pictures, predictor);
    for (const result of results) measures.predicted("error" in result ? "unreadable" : "predicted");
    const lines = results.map((result) => `${answer(result, description)}\n`).join("");
    const isForm = /^multipart\//i.test(request.headers["content-type"] ?? "");
    const unreadable = !isForm && results.some((result) => "error" in result);
    return { status: unreadable ? 422 : 200, type: isForm ? "application/x-ndjson" : "application/json", text: lines };
  };
  const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
    "/predict": { POST: predict },
    "/healthz": { GET: async () => plain(200, "ok\n") },
    "/readyz": { GET: async () => (closing ? plain(503, "closing\n") : plain(200, "ready\n")) },
    "/metrics": {
      GET: async () => {
        const { text, type } = await measures.page();
        return { status: 200, type, text };
      },
    },
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const start = performance.now();
    const [path = "", query = ""] = (request.url ?? "").split("?", 2);
    const reply = await replyTo(request, { path, query: new URLSearchParams(query) }, host, routes);
    // A body that was not read to its end cannot be followed by another request.
    if (closing || !request.complete) response.setHeader("connection", "close");
    for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
    response.writeHead(reply.status, {
      "content-type": reply.type,
      "content-length": Buffer.byteLength(reply.text),
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    response.end(request.method === "HEAD" ? undefined : reply.text);
    measures.answered(Object.hasOwn(routes, path) ? path : "other", reply.status, (performance.now() - start) / 1000);
  };

  const server = createServer({ headersTimeout: HEAD_TIMEOUT, requestTimeout: REQUEST_TIMEOUT, connectionsCheckingInterval: 1000 });
  server.on("request", (request, response) => void handle(request, response));
  await listen(server, host, port).catch(async (error: unknown) => {
    await predictor.close();
    throw error;
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    get description() {
      return predictor.description;
    },
    open: token === undefined && !LOOPBACK.test(host),
    reload: () => predictor.reload(),
    async close() {
      closing = true;
      await drain(server);
      // Node closes the idle connections that are left.
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await predictor.close();
    },
  };
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a request asks for. */
interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
}

type Handler = (request: IncomingMessage, query: URLSearchParams) => Promise<Reply>;

function plain(status: number, text: string): Reply {
  return { status, type: "text/plain; charset=utf-8", text };
}

async function answersFor(pictures: readonly SentPicture[], predictor: Predictor): Promise<readonly (FilePrediction | FileValues)[]> {
  const asked = predictor.predict(pictures.map(({ bytes }) => bytes));
  if (!asked) throw new Refusal(429, "Too many pictures are waiting", "Send the request again after a second, or fewer pictures at once.");
  const answers = await asked;
  return pictures.map(({ file }, i) => ({ file, ...(answers[i] as (typeof answers)[number]) }));
}

/** The reply of the route, or what is wrong with the request. */
async function replyTo(
  request: IncomingMessage,
  { path, query }: Target,
  host: string,
  routes: Readonly<Record<string, Readonly<Record<string, Handler>>>>,
): Promise<Reply> {
  try {
    checkOrigin(request, host);
    const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!methods)
      throw new Refusal(
        404,
        "There is nothing at this path",
        `POST pictures to /predict; the other paths are ${Object.keys(routes)
          .filter((other) => other !== "/predict")
          .join(", ")}.`,
      );
    const method = request.method === "HEAD" ? "GET" : (request.method ?? "");
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (handler) return await handler(request, query);
    const allow = Object.keys(methods).join(", ");
    return { ...refused(new Refusal(405, `${path} takes ${allow}`, `Send a ${allow} request.`)), headers: { allow } };
  } catch (error) {
    if (!(error instanceof Refusal))
      return refused(
        new Refusal(500, `The prediction failed: ${error instanceof Error ? error.message : error}`, "Send the request again."),
      );
    return { ...refused(error), ...(error.status === 429 && { headers: { "retry-after": "1" } }) };
  }
}

function refused({ status, message, hint }: Refusal): Reply {
  return { status, type: "application/json", text: `${JSON.stringify({ error: message, hint })}\n` };
}

/** Refuses what a page of another site sends through its visitor's browser, also under a name of its own for this machine. */
function checkOrigin({ headers }: IncomingMessage, host: string): void {
  const name = (headers.host ?? "").replace(/:\d+$/, "");
  if (LOOPBACK.test(host) && !LOOPBACK.test(name))
    throw new Refusal(403, "The request names another host", "Use the address that thaw serve printed, or --host.");
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
    throw new Refusal(403, "The request comes from a page of another site", "Let your own server pass requests on to this one.");
}

function checkToken({ headers }: IncomingMessage, token: string | undefined): void {
  if (token === undefined) return;
  const [given, expected] = [Buffer.from(headers.authorization ?? ""), Buffer.from(`Bearer ${token}`)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new Refusal(401, "The request lacks the token", 'Send the header "Authorization: Bearer <token>".');
}

/**
 * Waits until the clients have closed their connections, which every answer asks of them from now on, but not long for those that ask nothing: a
 * request that is on its way on a kept connection would be lost if the server closed it.
 */
async function drain(server: Server): Promise<void> {
  const end = performance.now() + DRAIN_TIME;
  while (performance.now() < end && (await promisify(server.getConnections.bind(server))()) > 0) await sleep(DRAIN_TIME / 20);
}

const WHY_NOT: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses it",
  EADDRNOTAVAIL: "this machine does not have that address",
  ENOTFOUND: "there is no such host",
  EACCES: "this user may not listen there; ports below 1024 need root or CAP_NET_BIND_SERVICE",
};

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = WHY_NOT[error.code ?? ""] ?? error.message;
      reject(
        new UsageError(`Cannot listen on ${host}:${port}: ${why}`, "Choose another port with --port, or another address with --host.", {
          cause: error,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}
