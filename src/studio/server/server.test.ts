// The server, asked by its own page and by all others: rebinding, other pages, other programs, paths, bodies that are too large or too slow.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as ask, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { UsageError } from "../../core/errors.ts";
import type { StudioEvent } from "../protocol/engine.ts";
import { EXPORT_FORMATS } from "../protocol/results.ts";
import type { ServedEngine } from "./served-engine.ts";
import { type StudioServer, startServer } from "./server.node.ts";

const folder = mkdtempSync(join(tmpdir(), "thaw-server-"));
const page = join(folder, "page");
/** What the engine was asked. */
let asked: unknown[][] = [];
let server: StudioServer;
let cookie: string;
/** What was reported as a mistake in thaw. */
let failures: unknown[] = [];
/** Aborted when who asked for a picture that takes its time has left. */
let leaving: AbortSignal | undefined;
let listeners: ((event: StudioEvent) => void)[] = [];

const engine = new Proxy(
  {
    listen(listener: (event: StudioEvent) => void) {
      listeners.push(listener);
      return () => {
        listeners = listeners.filter((each) => each !== listener);
      };
    },
    download: (token: string) =>
      token === "known" ? { name: "rosés & tulips.zip", bytes: Buffer.from("zip"), type: "application/zip" } : undefined,
  } as object,
  {
    get(target, name) {
      if (name in target) return target[name as never];
      return async (...args: unknown[]) => {
        asked.push([name, ...args]);
        if (name === "undo") throw new UsageError("No", "Do it.");
        if (name === "redo") throw new Error("broken");
        if (name === "pictureBytes" && args[0] === 666) throw new UsageError("<b>.jpg cannot be shown", "Replace it.");
        if (name === "pictureBytes" && args[0] === 777) {
          leaving = args[2] as AbortSignal;
          await new Promise((_, reject) => leaving?.addEventListener("abort", () => reject(leaving?.reason)));
        }
        if (name === "pictureBytes" || name === "heatBytes") return { bytes: Buffer.from("jpeg"), type: "image/jpeg" };
        if (name === "add") return [{ id: 1, name: "a.jpg" }];
        return { name };
      };
    },
  },
) as ServedEngine;

beforeAll(async () => {
  mkdirSync(join(page, "assets"), { recursive: true });
  writeFileSync(join(page, "index.html"), "<!doctype html>the page");
  writeFileSync(join(page, "assets", "main-abcdefgh.js"), "script");
  writeFileSync(join(page, "private.key"), "no type, not served");
  writeFileSync(join(folder, "secret.txt"), "secret");
  server = await startServer({ engine, page, port: 0, mostBytes: 100_000, patience: 300, onError: (error) => failures.push(error) });
  const { headers } = await get(new URL(server.url).pathname + new URL(server.url).search, { cookie: "" });
  cookie = headers["set-cookie"]?.[0]?.split(";")[0] as string;
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Asked {
  readonly method?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookie?: string;
}

/** Asks as the server's own page would, but for what is given. Headers that are "" are left out. */
function get(path: string, given: Asked = {}): Promise<{ status: number; text: string; headers: IncomingHttpHeaders }> {
  const { method = "GET", body } = given;
  const own = `127.0.0.1:${server.port}`;
  const headers: Record<string, string> = {
    host: own,
    cookie: given.cookie ?? cookie,
    ...(method !== "GET" && { origin: `http://${own}` }),
    ...(body !== undefined && { "content-length": `${Buffer.byteLength(body)}` }),
    ...given.headers,
  };
  const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ""));
  return new Promise((resolve, reject) => {
    const request = ask({ host: "127.0.0.1", port: server.port, path, method, headers: sent }, (response) => {
      let text = "";
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode as number, text, headers: response.headers }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

const JSON_TYPE = { "content-type": "application/json" };
const BYTES = { "content-type": "application/octet-stream" };
const call = (name: string, args: unknown, given: Asked = {}) =>
  get(`/call/${name}`, {
    method: "POST",
    body: typeof args === "string" ? args : JSON.stringify(args),
    ...given,
    headers: { ...JSON_TYPE, ...given.headers },
  });

test("the page, its calls, pictures and downloads are answered", async () => {
  asked = [];
  const index = await get("/");
  expect(index).toMatchObject({ status: 200, text: "<!doctype html>the page" });
  expect(index.headers).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  });
  expect(index.headers["content-security-policy"]).toContain("default-src 'none'");
  expect(Object.keys(index.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  expect((await get("/assets/main-abcdefgh.js")).headers["cache-control"]).toContain("max-age");
  expect(await call("list", [{ name: "a", order: "uncertain" }])).toMatchObject({ status: 200, text: '{"result":{"name":"list"}}' });
  expect(await get("/pictures/17/thumbnail?v=1")).toMatchObject({ status: 200, text: "jpeg" });
  expect(await get("/heat/run-1/17?class=cats")).toMatchObject({ status: 200 });
  expect(await get("/pictures?name=a.jpg&class=cats", { method: "PUT", body: "bytes", headers: BYTES })).toMatchObject({
    status: 200,
    text: '{"result":{"id":1,"name":"a.jpg"}}',
  });
  expect(await get("/try?run=run-1", { method: "PUT", body: "bytes", headers: BYTES })).toMatchObject({ status: 200 });
  const download = await get("/downloads/known/x.zip");
  expect(download.headers["content-disposition"]).toBe("attachment; filename*=UTF-8''ros%C3%A9s%20%26%20tulips.zip");
  expect(asked).toEqual([
    ["list", { name: "a", order: "uncertain" }],
    ["pictureBytes", 17, "thumbnail", expect.any(AbortSignal)],
    ["heatBytes", "run-1", 17, "cats"],
    ["add", [{ name: "a.jpg", bytes: Buffer.from("bytes"), class: "cats" }]],
    ["tryPicture", Buffer.from("bytes"), "run-1"],
  ]);
  expect(await call("undo", [])).toMatchObject({ status: 400, text: '{"error":{"message":"No","hint":"Do it."}}' });
  expect(await call("redo", [])).toMatchObject({ status: 500, text: '{"error":{"message":"It failed: broken"}}' });
});

test("a model is asked for in every form", async () => {
  asked = [];
  for (const format of ["model", "onnx", "transformers", "page"])
    expect(await call("export", ["run-1", format])).toMatchObject({ status: 200 });
  expect(asked.map(([, , format]) => format)).toEqual(EXPORT_FORMATS);
  expect((await call("export", ["run-1", "exe"])).status).toBe(400);
});

test("the token lets a browser in, with a cookie that scripts and other pages do not get", async () => {
  const { pathname, search } = new URL(server.url);
  const first = await get(pathname + search, { cookie: "" });
  expect(first.status).toBe(200);
  expect(first.headers["set-cookie"]).toEqual([expect.stringMatching(/; HttpOnly; SameSite=Strict; Path=\/$/)]);
  expect(first.text).toContain('content="0; url=/"');
  expect(first.headers["set-cookie"]?.[0]).not.toContain(search.slice("?token=".length));
});

/** Requests that must not reach the engine, with the status of their refusal. */
const hostile: readonly [name: string, status: number, ask: () => ReturnType<typeof get>][] = [
  ["without cookie", 403, () => get("/", { cookie: "" })],
  ["a call without cookie", 403, () => call("undo", [], { cookie: "" })],
  ["a cookie with another value", 403, () => get("/", { cookie: `${cookie.split("=")[0]}=${"A".repeat(43)}` })],
  ["a cookie with another name", 403, () => get("/", { cookie: `thaw-studio-1=${cookie.split("=")[1]}` })],
  ["the token as cookie", 403, () => get("/", { cookie: `${cookie.split("=")[0]}=${new URL(server.url).searchParams.get("token")}` })],
  ["a wrong token", 403, () => get("/?token=wrong", { cookie: "" })],
  ["an empty token", 403, () => get("/?token=", { cookie: "" })],
  ["a wrong token with the cookie", 403, () => get("/?token=wrong")],
  ["a token on another path", 403, () => get(`/call/undo${new URL(server.url).search}`, { cookie: "" })],
  ["a name that was bound to this machine", 421, () => get("/", { headers: { host: `evil.example:${server.port}` } })],
  ["the token by such a name", 421, () => get(`/${new URL(server.url).search}`, { cookie: "", headers: { host: "evil.example" } })],
  ["another port's name", 421, () => get("/", { headers: { host: "127.0.0.1:1" } })],
  ["a name that ends like ours", 421, () => get("/", { headers: { host: `evil.127.0.0.1:${server.port}` } })],
  ["a call by such a name", 421, () => call("undo", [], { headers: { host: "rebound.example", origin: "http://rebound.example" } })],
  ["a call from another page", 403, () => call("undo", [], { headers: { origin: "https://evil.example" } })],
  ["a call from a sandboxed frame", 403, () => call("undo", [], { headers: { origin: "null" } })],
  ["a call from another port", 403, () => call("undo", [], { headers: { origin: "http://127.0.0.1:1" } })],
  ["a call over https", 403, () => call("undo", [], { headers: { origin: `https://127.0.0.1:${server.port}` } })],
  ["a call that does not say from where", 403, () => call("undo", [], { headers: { origin: "" } })],
  ["a call that the browser calls cross-site", 403, () => call("undo", [], { headers: { "sec-fetch-site": "cross-site" } })],
  ["a picture for another site", 403, () => get("/pictures/1/full", { headers: { "sec-fetch-site": "cross-site" } })],
  ["a picture for another port", 403, () => get("/pictures/1/full", { headers: { "sec-fetch-site": "same-site" } })],
  ["a call as plain text", 415, () => call("undo", [], { headers: { "content-type": "text/plain" } })],
  ["a call as a form", 415, () => call("undo", [], { headers: { "content-type": "application/x-www-form-urlencoded" } })],
  ["a call as multipart", 415, () => call("undo", [], { headers: { "content-type": "multipart/form-data; boundary=x" } })],
  ["a call without type", 415, () => call("undo", [], { headers: { "content-type": "" } })],
  ["text that pretends to be JSON", 415, () => call("undo", [], { headers: { "content-type": "text/plain; application/json" } })],
  ["JSON in another encoding", 415, () => call("undo", [], { headers: { "content-type": "application/json; charset=utf-7" } })],
  ["a compressed body", 415, () => call("undo", [], { headers: { "content-encoding": "gzip" } })],
  [
    "a picture as an image",
    415,
    () => get("/pictures?name=a.jpg", { method: "PUT", body: "x", headers: { "content-type": "image/jpeg" } }),
  ],
  ["leave to ask from elsewhere", 403, () => get("/call/undo", { method: "OPTIONS", headers: { origin: "https://evil.example" } })],
  ["another method", 405, () => get("/pictures/1/full", { method: "DELETE" })],
  ["a call by GET", 404, () => get("/call/undo")],
  ["a call that there is not", 404, () => call("listen", [])],
  ["a call of what every object has", 404, () => call("constructor", [])],
  ["a call of a prototype", 404, () => call("__proto__", [])],
  ["JSON that is none", 400, () => call("list", "{")],
  ["JSON with a key twice", 400, () => call("list", '[{"name":"a","name":"b"}]')],
  ["JSON that is deep", 400, () => call("list", `${"[".repeat(100_000)}${"]".repeat(100_000)}`)],
  ["arguments that are none", 400, () => call("list", {})],
  ["too many arguments", 400, () => call("undo", [1])],
  ["an unknown field", 400, () => call("list", [{ path: "/etc/passwd" }])],
  ["a path for a photograph", 400, () => call("photographs", [["../../etc/passwd"]])],
  ["a path for a run", 400, () => call("results", ["../../etc"])],
  ["a path for a network", 400, () => call("train", [{ choices: { arch: "/tmp/model.onnx" } }])],
  ["a path for weights", 400, () => call("train", [{ choices: { weights: "/etc/passwd" } }])],
  ["a path for a folder", 400, () => call("train", [{ folder: "/etc" }])],
  ["a path above the page", 404, () => get("/../secret.txt")],
  ["an encoded path above the page", 404, () => get("/%2e%2e/secret.txt")],
  ["a twice encoded path", 404, () => get("/%252e%252e/secret.txt")],
  ["a path with backslashes", 404, () => get("/..\\secret.txt")],
  ["a path in a folder of the page", 404, () => get("/assets/../../secret.txt")],
  ["an absolute path", 404, () => get(`/${join(folder, "secret.txt")}`)],
  ["a file that is no page's", 404, () => get("/private.key")],
  ["a whole address", 400, () => get("http://evil.example/")],
  ["a very long address", 400, () => get(`/${"a".repeat(5000)}`)],
  ["a photograph that is a path", 404, () => get("/pictures/..%2f..%2fetc/full")],
  ["a photograph that is no number", 404, () => get("/pictures/1e3/full")],
  ["a size that there is not", 404, () => get("/pictures/1/huge")],
  ["a heat map of a path", 404, () => get("/heat/..%2f../1")],
  ["a download that there is not", 404, () => get("/downloads/unknown/x")],
  ["trying by a path", 404, () => get("/try?run=../x", { method: "PUT", body: "x", headers: BYTES })],
  ["a picture that is too large", 413, () => get("/pictures?name=a.jpg", { method: "PUT", body: "x".repeat(100_001), headers: BYTES })],
  [
    "a picture that says it is larger still",
    413,
    () => get("/pictures?name=a.jpg", { method: "PUT", body: "x", headers: { ...BYTES, "content-length": "1000000000" } }),
  ],
  [
    "a picture that does not say how large it is",
    413,
    () =>
      get("/pictures?name=a.jpg", {
        method: "PUT",
        body: "x".repeat(200_000),
        headers: { ...BYTES, "content-length": "", "transfer-encoding": "chunked" },
      }),
  ],
];

test.each(hostile)("refused: %s", async (_, status, ask) => {
  asked = [];
  const answer = await ask();
  expect(answer.status).toBe(status);
  expect(asked).toEqual([]);
  expect(answer.text).not.toContain("secret");
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
});

/** Sends text over a connection and gives what comes back until it is closed. */
function raw(text: string, every?: { piece: string; milliseconds: number }): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.write(text));
    const timer = every && setInterval(() => socket.write(every.piece), every.milliseconds);
    let answer = "";
    socket.on("data", (part) => {
      answer += part;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(timer);
      resolve(answer);
    });
  });
}

test("a body that comes byte by byte is cut off", async () => {
  asked = [];
  const own = `127.0.0.1:${server.port}`;
  const head = `POST /call/undo HTTP/1.1\r\nhost: ${own}\r\norigin: http://${own}\r\ncookie: ${cookie}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n`;
  const begin = performance.now();
  expect(await raw(head, { piece: " ", milliseconds: 20 })).toContain("408");
  expect(performance.now() - begin).toBeLessThan(5000);
  expect(asked).toEqual([]);
});

test("what follows a refused body is no request", async () => {
  asked = [];
  const own = `127.0.0.1:${server.port}`;
  const second = `POST /call/refit HTTP/1.1\r\nhost: ${own}\r\norigin: http://${own}\r\ncookie: ${cookie}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]`;
  const first = `POST /call/undo HTTP/1.1\r\nhost: ${own}\r\norigin: http://evil.example\r\ncontent-type: text/plain\r\ncontent-length: ${second.length + 10}\r\n\r\n${second}`;
  expect(await raw(first)).toMatch(/^HTTP\/1.1 403/);
  expect(await raw(`GET / HTTP/1.1\r\nhost: ${own}\r\nhost: evil.example\r\ncookie: ${cookie}\r\nconnection: close\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 421/,
  );
  expect(await raw(`GET / HTTP/1.1\r\ncookie: ${cookie}\r\nconnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 4/);
  expect(asked).toEqual([]);
});

function open(path: string, headers: Readonly<Record<string, string>>): Promise<WebSocket | number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
    socket.once("open", () => resolve(socket));
    socket.once("unexpected-response", (request, { statusCode }) => {
      request.destroy();
      resolve(statusCode as number);
    });
    socket.on("error", () => {});
  });
}

test("a person whose browser is refused reads why, with what was asked escaped", async () => {
  const tab = { "sec-fetch-dest": "document", "sec-fetch-site": "none" };
  const old = await get("/?token=wrong", { headers: tab, cookie: "" });
  expect([old.status, old.headers["content-type"]]).toEqual([403, "text/html; charset=utf-8"]);
  expect(old.text).toContain("<h1");
  expect(old.text).toContain("Open the address that thaw studio printed.");
  const stranger = await get("/", { headers: tab, cookie: "" });
  expect([stranger.status, stranger.headers["content-type"]]).toEqual([403, "text/html; charset=utf-8"]);
  const failed = await get("/pictures/666/full", { headers: tab });
  expect([failed.status, failed.text.includes("&#60;b&#62;.jpg cannot be shown"), failed.text.includes("<b>")]).toEqual([400, true, false]);
});

test("what fails because its browser has left is no mistake to report", async () => {
  failures = [];
  const request = ask({ host: "127.0.0.1", port: server.port, path: "/pictures/777/full", headers: { cookie } });
  request.on("error", () => {});
  request.end();
  await expect.poll(() => leaving).toBeDefined();
  request.destroy();
  await expect.poll(() => leaving?.aborted).toBe(true);
  expect((await call("redo", [])).status).toBe(500);
  expect(failures.map((error) => (error as Error).message)).toEqual(["broken"]);
});

test("a WebSocket opens for the server's own page alone", async () => {
  const origin = `http://127.0.0.1:${server.port}`;
  expect(await open("/events", { cookie, origin: "https://evil.example" })).toBe(403);
  expect(await open("/events", { cookie, origin: "null" })).toBe(403);
  expect(await open("/events", { cookie })).toBe(403);
  expect(await open("/events", { origin })).toBe(403);
  expect(await open("/events", { cookie: `${cookie}x`, origin })).toBe(403);
  expect(await open("/events", { cookie, origin, host: "rebound.example" })).toBe(421);
  expect(await open("/events", { cookie, origin, "sec-fetch-site": "cross-site" })).toBe(403);
  expect(await open("/elsewhere", { cookie, origin })).toBe(404);
  expect(listeners).toHaveLength(0);
});

test("a WebSocket brings events, and takes nothing", async () => {
  const socket = (await open("/events", { cookie, origin: `http://127.0.0.1:${server.port}` })) as WebSocket;
  onTestFinished(() => socket.terminate());
  const messages: unknown[] = [];
  socket.on("message", (data) => messages.push(JSON.parse(String(data))));
  await expect.poll(() => listeners.length).toBe(1);
  listeners[0]?.({ event: "warning", message: "a" });
  await expect.poll(() => messages.at(-1)).toEqual({ event: "warning", message: "a" });
  socket.send("anything");
  const [code] = await new Promise<[number]>((resolve) => socket.once("close", (...args) => resolve(args as unknown as [number])));
  expect(code).toBe(1003);
  await expect.poll(() => listeners.length).toBe(0);
});

test("a message that is too large, and a port that is taken", async () => {
  const socket = (await open("/events", { cookie, origin: `http://127.0.0.1:${server.port}` })) as WebSocket;
  socket.send("x".repeat(2000));
  const code = await new Promise((resolve) => socket.once("close", resolve));
  expect(code).toBe(1009);
  await expect(startServer({ engine, page, port: server.port, mostBytes: 1 })).rejects.toThrow(`Port ${server.port} is taken`);
  await expect(startServer({ engine, page: join(folder, "nowhere"), port: 0, mostBytes: 1 })).rejects.toThrow(
    "The studio's page is not in",
  );
});
