// The server of the studio: on this machine alone, for browsers that were given its token.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { systemCode } from "../../core/system-error.ts";
import { readBody } from "../../serve/body.node.ts";
import { Refusal } from "../../serve/refusal.ts";
import { RunSchema } from "../protocol/calls.ts";
import { PICTURE_TYPE, ROUTES } from "../protocol/routes.ts";
import { Answered, commonHeaders, send } from "./answer.node.ts";
import { answerCall, CALL_LIMITS, failureOf } from "./calls.node.ts";
import { Guard, newSecret } from "./guard.node.ts";
import { type PageFile, pageFiles } from "./page-files.node.ts";
import { isForTab, refusedPage } from "./refused-page.node.ts";
import type { ServedEngine } from "./served-engine.ts";
import { Sockets } from "./sockets.node.ts";

export interface ServerOptions {
  readonly engine: ServedEngine;
  /** The folder of the page, with an index.html. */
  readonly page: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** The most bytes of a picture that is sent. */
  readonly mostBytes: number;
  /** Milliseconds that a request's body may take; default a minute. */
  readonly patience?: number;
  /** Called with what failed and is no mistake of the user. */
  readonly onError?: (error: unknown) => void;
}

export interface StudioServer {
  /** The address to open, with the token. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const MINUTE = 60_000;
const MOST_ADDRESS = 4096;
const MOST_CONNECTIONS = 256;
/** Seconds that a browser keeps a picture: its address has the server's name in it. */
const KEEP = 86_400;
const JSON_TYPE = "application/json";
const [TEXT, HTML] = ["text/plain; charset=utf-8", "text/html; charset=utf-8"];

/** Starts the server. Throws a UsageError if the page is not built, or the port is taken. */
export async function startServer(options: ServerOptions): Promise<StudioServer> {
  const files = await pageFiles(options.page);
  const http = createServer({ requestTimeout: 5 * MINUTE, headersTimeout: 10_000, keepAliveTimeout: 10_000, maxHeaderSize: 16_384 });
  http.maxConnections = MOST_CONNECTIONS;
  http.maxHeadersCount = 100;
  const port = await listen(http, options.port);
  const guard = new Guard(port);
  const headers = commonHeaders(guard.socketOrigins);
  const handler = new Handler(options, files, guard);
  http.on("request", (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    void handler.answer(request, response);
  });
  const sockets = new Sockets(http, guard, options.engine, newSecret().slice(0, 8));
  return {
    url: guard.url,
    port,
    close: () =>
      new Promise((resolve) => {
        sockets.close();
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

function listen(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once("error", (error) => {
      const code = systemCode(error);
      reject(
        code === "EADDRINUSE" || code === "EACCES"
          ? new UsageError(
              `Port ${port} ${code === "EACCES" ? "may not be used" : "is taken"}`,
              "Choose another with --port, or leave it out.",
              { cause: error },
            )
          : error,
      );
    });
    http.listen(port, "127.0.0.1", () => resolve((http.address() as AddressInfo).port));
  });
}

/** Answers requests. */
class Handler {
  readonly #options: ServerOptions;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #guard: Guard;

  constructor(options: ServerOptions, files: ReadonlyMap<string, PageFile>, guard: Guard) {
    this.#options = options;
    this.#files = files;
    this.#guard = guard;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch (error) {
      // Who has left gets no answer: a picture that scrolled out of sight is not made.
      if (response.destroyed && (error as Error).name === "AbortError") return;
      const { status, answer } = failureOf(error);
      if (status === 500) this.#options.onError?.(error);
      // What was not read of a body would be taken for the next request.
      const headers = request.complete ? {} : { connection: "close" };
      if ("error" in answer && isForTab(request))
        send(request, response, { status, type: HTML, body: refusedPage(answer.error.message, answer.error.hint), headers });
      else send(request, response, { status, type: JSON_TYPE, body: JSON.stringify(answer), headers });
      if (!request.complete) response.once("finish", () => request.destroy());
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: address = "" } = request;
    const isRead = method === "GET" || method === "HEAD";
    // An address is a path here: a proxy's would name a host, and a browser writes no others.
    if (!address.startsWith("/") || address.length > MOST_ADDRESS || !/^[\x21-\x7e]*$/.test(address))
      throw new Answered(400, "This is no address.");
    const at = address.indexOf("?");
    const path = at < 0 ? address : address.slice(0, at);
    const query = new URLSearchParams(at < 0 ? "" : address.slice(at + 1));
    const token = query.get("token");
    if (path === "/" && token !== null && isRead) return this.#letIn(request, response, token);
    const refused = this.#guard.refuses(request, !isRead);
    if (refused) throw new Answered(refused.status, refused.message);
    if (method === "POST" && path.startsWith(ROUTES.call)) return this.#call(request, response, path.slice(ROUTES.call.length));
    if (method === "PUT" && path === ROUTES.pictures) return this.#add(request, response, query);
    if (method === "PUT" && path === ROUTES.try) return this.#try(request, response, query);
    if (!isRead) throw new Answered(405, "This cannot be done here.");
    const [, room = "", ...rest] = path.split("/");
    if (`/${room}` === ROUTES.pictures) return this.#picture(request, response, rest);
    if (`/${room}` === ROUTES.heat) return this.#heat(request, response, rest, query);
    if (`/${room}` === ROUTES.downloads) return this.#download(request, response, rest);
    return this.#file(request, response, path);
  }

  /** The answer is a page that goes on to the page: a browser that came from elsewhere takes the cookie along only from here. */
  #letIn(request: IncomingMessage, response: ServerResponse, token: string): void {
    const refused = this.#guard.refusesToken(request, token);
    if (refused) throw new Answered(refused.status, refused.message);
    const body =
      '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/"><link rel="icon" href="data:,"><title>thaw studio</title>';
    send(request, response, { type: HTML, body, headers: { "set-cookie": this.#guard.setCookie } });
  }

  async #call(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    checkType(request, JSON_TYPE);
    const body = await this.#body(request, CALL_LIMITS.bytes);
    const answer = await answerCall(this.#options.engine, name, body);
    send(request, response, { type: JSON_TYPE, body: JSON.stringify(answer) });
  }

  async #add(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
    checkType(request, PICTURE_TYPE);
    const [name, className] = [query.get("name"), query.get("class")];
    if (name === null) throw new Answered(400, "The picture has no name.");
    const bytes = await this.#body(request, this.#options.mostBytes);
    const [added] = await this.#options.engine.add([{ name, bytes, ...(className !== null && { class: className }) }]);
    send(request, response, { type: JSON_TYPE, body: JSON.stringify({ result: added }) });
  }

  async #try(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
    checkType(request, PICTURE_TYPE);
    const run = query.get("run");
    const bytes = await this.#body(request, this.#options.mostBytes);
    const result = await this.#options.engine.tryPicture(bytes, run === null ? undefined : runOf(run));
    send(request, response, { type: JSON_TYPE, body: JSON.stringify({ result }) });
  }

  async #picture(request: IncomingMessage, response: ServerResponse, [id = "", size = "", ...more]: readonly string[]): Promise<void> {
    if ((size !== "thumbnail" && size !== "full") || more.length > 0) throw new Answered(404, "There is no such picture.");
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const { bytes, type } = await this.#options.engine.pictureBytes(numberOf(id), size, gone.signal);
    send(request, response, { type, body: bytes, keep: KEEP });
  }

  async #heat(request: IncomingMessage, response: ServerResponse, rest: readonly string[], query: URLSearchParams): Promise<void> {
    const [run = "", id = "", ...more] = rest;
    if (more.length > 0) throw new Answered(404, "There is no such picture.");
    const { bytes, type } = await this.#options.engine.heatBytes(runOf(run), numberOf(id), query.get("class") ?? undefined);
    send(request, response, { type, body: bytes, keep: KEEP });
  }

  #download(request: IncomingMessage, response: ServerResponse, [token = "", ...more]: readonly string[]): void {
    const found = more.length <= 1 ? this.#options.engine.download(token) : undefined;
    if (!found) throw new Answered(404, "This download is not kept any more: ask for it again.");
    const { type, bytes, name } = found;
    const headers = { "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name)}` };
    send(request, response, { type, body: bytes, headers });
  }

  async #file(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const file = this.#files.get(path);
    if (!file) return send(request, response, { status: 404, type: TEXT, body: "There is no such address." });
    send(request, response, { type: file.type, body: await file.read(), ...(file.isFixed && { keep: KEEP }) });
  }

  #body(request: IncomingMessage, bytes: number): Promise<Uint8Array> {
    return readBody(request, { bytes, milliseconds: this.#options.patience ?? MINUTE }).catch((error: unknown) => {
      throw error instanceof Refusal ? new Answered(error.status, `${error.message}.`) : error;
    });
  }
}

/** Throws an answer for a body of another type, such as the texts and forms that any page may send. */
function checkType({ headers }: IncomingMessage, wanted: string): void {
  const [type = "", ...more] = (headers["content-type"] ?? "").toLowerCase().split(";");
  const isCharset = more.every((part) => /^\s*charset="?utf-8"?\s*$/.test(part));
  if (type.trim() !== wanted || !isCharset || headers["content-encoding"] !== undefined)
    throw new Answered(415, `The body must be ${wanted}.`);
}

function numberOf(text: string): number {
  if (!/^(?:0|[1-9]\d{0,8})$/.test(text)) throw new Answered(404, "There is no such photograph.");
  return Number(text);
}

function runOf(text: string): string {
  if (!v.is(RunSchema, text)) throw new Answered(404, "There is no such run.");
  return text;
}
