// A server of a model, over real connections: its answers are the library's, and what it refuses costs it little.

import { once } from "node:events";
import { cp, rm } from "node:fs/promises";
import { Agent, type IncomingHttpHeaders, request as send } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeModel, picture } from "../../test/fixtures/models.ts";
import { loadClassifier } from "../classifier/classifier.ts";
import { type ModelServer, type ServeOptions, serveModel } from "./server.node.ts";

const answer: ServeOptions["answer"] = (result, { classes }) => JSON.stringify({ ...result, classes });

let model: string;
let bytes: Uint8Array<ArrayBuffer>;
let server: ModelServer;

beforeAll(async () => {
  model = await makeModel();
  bytes = new Uint8Array(await picture());
  server = await serveModel(model, { answer, bytes: 1_000_000, threads: 1 });
});
afterAll(() => server.close());

const predict = (body: BodyInit, query = "", at = server.url) => fetch(`${at}/predict${query}`, { method: "POST", body });

/** What a client gets that sends a head of its own. */
async function raw(path: string, headers: Readonly<Record<string, string>>, body?: Uint8Array, method = "POST") {
  const { hostname, port } = new URL(server.url);
  // As it is: an address would be cleaned of dots.
  const request = send({ hostname, port, path, method, headers });
  request.end(body);
  const [response] = await once(request, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode as number, headers: response.headers as IncomingHttpHeaders, text };
}

test("a picture gets the library's answer, and the files of a form get theirs in order, broken ones too", async () => {
  const loaded = await loadClassifier(model);
  const predictions = await loaded.predict(bytes);
  await loaded.dispose();
  const [one, named] = [await predict(bytes), await predict(bytes, "?file=my%20dog.jpg")];
  expect([one.status, one.headers.get("content-type")]).toEqual([200, "application/json"]);
  expect(await one.json()).toEqual({ file: "picture", predictions, classes: ["cats", "dogs"] });
  expect(await named.json()).toMatchObject({ file: "my dog.jpg", predictions });

  const form = new FormData();
  form.append("a", new Blob([bytes]), "a.jpg");
  form.append("b", new Blob(["no picture"]), "b.jpg");
  form.append("c", new Blob([bytes]), "c.jpg");
  const several = await predict(form);
  expect([several.status, several.headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
  const lines = (await several.text()).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { file: "a.jpg", predictions },
    { file: "b.jpg", error: "not an image" },
    { file: "c.jpg", predictions },
  ]);
});

const pictureForm = (name: string, end: string) =>
  new TextEncoder().encode(`--x\r\ncontent-disposition: form-data; name="a"; filename="${name}"\r\n\r\npixels${end}`);
const form = { "content-type": "multipart/form-data; boundary=x" };

test.each<[string, number, string, () => Promise<{ status: number; text: string }>]>([
  ["a picture that cannot be read", 422, "not an image", () => raw("/predict", {}, new TextEncoder().encode("no picture"))],
  ["an empty body", 400, "The request has no picture", () => raw("/predict", {})],
  ["a form without files", 400, "The request has no picture", () => raw("/predict", form, new TextEncoder().encode("--x--\r\n"))],
  ["a form that is cut off", 400, "The form of the request is damaged", () => raw("/predict", form, pictureForm("a.jpg", ""))],
  [
    "a form without boundary",
    400,
    "The form of the request is damaged",
    () => raw("/predict", { "content-type": "multipart/form-data" }, bytes),
  ],
  [
    "a body that says it is too large",
    413,
    "larger than 1 MB",
    () => raw("/predict", { "content-length": "1000001" }, new Uint8Array(1_000_001)),
  ],
  [
    "a body that turns out too large",
    413,
    "larger than 1 MB",
    () => raw("/predict", { "transfer-encoding": "chunked" }, new Uint8Array(1_000_001)),
  ],
  [
    "a picture in JSON",
    415,
    "The request is JSON",
    () => raw("/predict", { "content-type": "application/json; charset=utf-8" }, new TextEncoder().encode('{"image":"aGk="}')),
  ],
  ["another path", 404, "There is nothing at this path", () => raw("/model.json", {})],
  ["a path with dots", 404, "There is nothing at this path", () => raw("/../predict", {}, bytes)],
  ["a path that is a name of objects", 404, "There is nothing at this path", () => raw("/__proto__", {}, bytes)],
  ["another method", 405, "/predict takes POST", () => raw("/predict", {}, undefined, "GET")],
  ["a method that is a name of objects", 405, "/healthz takes GET", () => raw("/healthz", {}, undefined, "PUT")],
  [
    "another host's name, as after DNS rebinding",
    403,
    "The request names another host",
    () => raw("/predict", { host: "evil.example" }, bytes),
  ],
  ["a page of another site", 403, "a page of another site", () => raw("/predict", { origin: "https://evil.example" }, bytes)],
  ["a page without an origin of its own", 403, "a page of another site", () => raw("/predict", { origin: "null" }, bytes)],
])("%s is refused", async (_, status, message, ask) => {
  const response = await ask();
  expect(response.status).toBe(status);
  expect(JSON.parse(response.text).error).toContain(message);
  expect((await predict(bytes)).status).toBe(200);
});

test("what is no HTTP, and a client that goes away in the middle, harm nobody", async () => {
  const port = Number(new URL(server.url).port);
  for (const text of [
    "\x16\x03\x01\r\n\r\n",
    "POST /predict HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000\r\n\r\nhalf",
    "POST // HTTP/1.1\r\n\r\n",
  ]) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    socket.end(text);
    await once(socket.resume(), "close");
  }
  expect((await predict(bytes)).status).toBe(200);
});

test("with a token, predictions need it, and nothing else does", async () => {
  const closed = await serveModel(model, { answer, token: "secret" });
  const ask = (authorization?: string) =>
    fetch(`${closed.url}/predict`, { method: "POST", body: bytes, headers: authorization === undefined ? {} : { authorization } });
  const answers = [await ask(), await ask("Bearer wrong!"), await ask("secret"), await ask("Bearer secret")];
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 200]);
  expect((await fetch(`${closed.url}/healthz`)).status).toBe(200);
  await closed.close();
});

test("what does not fit the queue is refused at once, and told when to come again", async () => {
  const small = await serveModel(model, { answer, waiting: 4, threads: 1 });
  const answers = await Promise.all(Array.from({ length: 40 }, () => predict(bytes, "", small.url)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(4);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBe(40 - statuses.filter((status) => status === 200).length);
  expect(refused.map(({ headers }) => headers.get("retry-after"))).toEqual(refused.map(() => "1"));
  expect((await predict(bytes, "", small.url)).status).toBe(200);
  await small.close();
});

test("a model is replaced without losing a request; one that is damaged does not replace it", async () => {
  const folder = await makeModel({ classes: ["old", "older"] });
  const changing = await serveModel(folder, { answer, threads: 2 });
  let on = true;
  const seen: { status: number; classes: string }[] = [];
  const client = async () => {
    while (on) {
      const response = await predict(bytes, "", changing.url);
      seen.push({ status: response.status, classes: String((await response.json()).classes) });
    }
  };
  const clients = Array.from({ length: 4 }, client);
  await rm(join(folder, "model.json"));
  await expect(changing.reload()).rejects.toMatchObject({ name: "UsageError" });
  expect(changing.description.classes).toEqual(["old", "older"]);
  await cp(await makeModel({ classes: ["new", "newer"] }), folder, { recursive: true, force: true });
  for (let time = 0; time < 3; time++) await changing.reload();
  const after = seen.length;
  while (seen.length < after + 8) await new Promise((resolve) => setTimeout(resolve, 10));
  on = false;
  await Promise.all(clients);
  expect(seen.filter(({ status }) => status !== 200)).toEqual([]);
  expect(seen[0]?.classes).toBe("old,older");
  // Each of the four clients may have asked before.
  expect(new Set(seen.slice(after + 4).map(({ classes }) => classes))).toEqual(new Set(["new,newer"]));
  await changing.close();
});

test("a server that is closed answers what came, and takes nothing more", async () => {
  const ending = await serveModel(model, { answer, threads: 1 });
  const asked = Array.from({ length: 12 }, () => predict(bytes, "", ending.url));
  await asked[0];
  const closed = ending.close();
  const answers = await Promise.allSettled(asked);
  expect(answers.filter((each) => each.status === "rejected" || each.value.status !== 200)).toEqual([]);
  await closed;
  await expect(predict(bytes, "", ending.url)).rejects.toThrow();
});

test("two threads of the model give the answers of one", async () => {
  const two = await serveModel(model, { answer, threads: 2 });
  const [expected, ...answers] = await Promise.all(
    [server.url, ...Array.from({ length: 12 }, () => two.url)].map(async (url) => (await predict(bytes, "", url)).json()),
  );
  expect(answers).toEqual(answers.map(() => expected));
  await two.close();
});

test("a request on a kept connection is answered while the server closes, and its connection is not kept", async () => {
  const ending = await serveModel(model, { answer, threads: 1 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async () => {
    const [response] = await once(send(`${ending.url}/healthz`, { agent }).end(), "response");
    for await (const _ of response);
    return [response.statusCode, response.headers.connection];
  };
  expect(await ask()).toEqual([200, "keep-alive"]);
  const closed = ending.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await ask()).toEqual([200, "close"]);
  await closed;
});

test("orchestrators learn that it lives and is ready, and Prometheus what it did", async () => {
  const health = await fetch(`${server.url}/healthz`);
  expect([health.status, await health.text()]).toEqual([200, "ok\n"]);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  const page = await fetch(`${server.url}/metrics`);
  expect(page.headers.get("content-type")).toContain("text/plain");
  const text = await page.text();
  for (const line of [
    /^thaw_requests_total\{path="\/predict",status="200"\} [1-9]/m,
    /^thaw_pictures_total\{result="unreadable"\} [1-9]/m,
    /^thaw_pictures_waiting 0$/m,
    /^thaw_predict_seconds_count [1-9]/m,
    /^process_resident_memory_bytes /m,
  ])
    expect(text).toMatch(line);
});

test("a port that is taken, and a folder that is no model, are said before anything is served", async () => {
  const port = Number(new URL(server.url).port);
  await expect(serveModel(model, { answer, port })).rejects.toMatchObject({
    name: "UsageError",
    message: expect.stringContaining("another program uses it"),
  });
  await expect(serveModel(join(model, "nowhere"), { answer })).rejects.toMatchObject({ name: "UsageError" });
});
