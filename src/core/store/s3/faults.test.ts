// A bucket whose server fails, lies or refuses: what is tried again, what is told, and that no answer is taken on trust.

import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { escapeXml, type FakeS3, listingXml, type Spoil, startFakeS3, xmlError } from "../../../../test/fixtures/fake-s3.ts";
import { S3_ENV } from "../../../../test/fixtures/real-s3.ts";
import { UnavailableError, UsageError } from "../../errors.ts";
import type { Store } from "../store.ts";
import { s3Store } from "./store.node.ts";

let server: FakeS3;
let next = 0;
const fresh = (): Store => s3Store(`s3://photos/${next++}`, { attempts: 4, first: 2 });

beforeAll(async () => {
  server = await startFakeS3(["photos"]);
});
const useServer = (): void => {
  for (const [name, value] of Object.entries({ ...S3_ENV, AWS_ENDPOINT_URL_S3: server.url })) vi.stubEnv(name, value);
};
beforeAll(useServer);
afterEach(() => {
  server.spoil = () => false;
  vi.unstubAllEnvs();
  useServer();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const failing = (status: number, code: string, headers: Readonly<Record<string, string>> = {}): Spoil => {
  return (_, response) => {
    response.writeHead(status, headers).end(xmlError(code));
    return true;
  };
};
const reset: Spoil = (_, response) => {
  response.socket?.resetAndDestroy();
  return true;
};
const cut: Spoil = ({ method }, response) => {
  if (method !== "GET") return false;
  response.writeHead(200, { "Content-Length": 1000 });
  response.write("half");
  setTimeout(() => response.socket?.destroy(), 10);
  return true;
};
/** `spoil` for the first `times` requests. */
const first = (times: number, spoil: Spoil): Spoil => {
  let left = times;
  return (seen, response) => left-- > 0 && spoil(seen, response);
};

test.each<[string, Spoil]>([
  ["503 SlowDown", failing(503, "SlowDown")],
  ["500", failing(500, "InternalError")],
  ["429", failing(429, "TooManyRequests")],
  ["a request that came too slowly", failing(400, "RequestTimeout")],
  ["a reset connection", reset],
  ["a body that is cut short", cut],
])("after %s the request is made again, as often as is allowed", async (_, spoil) => {
  const store = fresh();
  await store.put("a", "text");
  server.spoil = first(3, spoil);
  expect(new TextDecoder().decode(await store.get("a"))).toBe("text");
  server.spoil = spoil;
  const before = server.seen.length;
  await expect(store.get("a")).rejects.toBeInstanceOf(UnavailableError);
  expect(server.seen.length - before).toBe(4);
});

test("a conflict of two creations is tried again; a creation whose answer was lost is found to be one's own", async () => {
  const store = fresh();
  server.spoil = first(2, failing(409, "ConditionalRequestConflict"));
  expect(await store.create("a", "mine")).toBe(true);
  const values = server.values;
  server.spoil = first(1, ({ bucket, key }, response) => {
    values.set(`${bucket}/${key}`, new TextEncoder().encode("mine"));
    return reset({} as never, response);
  });
  expect(await store.create("b", "mine")).toBe(true);
  server.spoil = first(1, ({ bucket, key }, response) => {
    values.set(`${bucket}/${key}`, new TextEncoder().encode("theirs"));
    return reset({} as never, response);
  });
  expect(await store.create("c", "mine")).toBe(false);
  expect(await store.create("c", "theirs")).toBe(false);
});

test("when a creation cannot be looked at either, each of the two requests is made as often as is allowed, and no more", async () => {
  const store = fresh();
  const lost = first(1, reset);
  const [exists, busy] = [failing(412, "PreconditionFailed"), failing(503, "SlowDown")];
  server.spoil = (seen, response) => lost(seen, response) || (seen.method === "PUT" ? exists : busy)(seen, response);
  const before = server.seen.length;
  await expect(store.create("a", "mine")).rejects.toBeInstanceOf(UnavailableError);
  expect(server.seen.slice(before).map(({ method }) => method)).toEqual(["PUT", "PUT", "GET", "GET", "GET", "GET"]);
});

test.each<[string, Spoil, RegExp, RegExp]>([
  ["a missing bucket", failing(404, "NoSuchBucket"), /there is no bucket "photos"/, /aws s3 ls/],
  ["a denial", failing(403, "AccessDenied"), /access to the bucket "photos" is denied/, /s3:GetObject.*s3:ListBucket/],
  ["wrong credentials", failing(403, "InvalidAccessKeyId"), /the credentials are wrong \(InvalidAccessKeyId\)/, /AWS_ACCESS_KEY_ID/],
  ["expired credentials", failing(400, "ExpiredToken"), /the credentials have expired/, /new ones/],
  [
    "another region",
    failing(301, "PermanentRedirect", { "x-amz-bucket-region": "eu-west-1" }),
    /the bucket "photos" is in the region eu-west-1/,
    /AWS_REGION=eu-west-1/,
  ],
  ["a region that is not told", failing(400, "AuthorizationHeaderMalformed"), /is in another region/, /AWS_REGION/],
  ["an archived object", failing(403, "InvalidObjectState"), /it is archived/, /Restore/],
  ["another server", failing(418, "Teapot"), /the server answers 418/, /AWS_ENDPOINT_URL_S3/],
])("%s is named, with its cure, at once", async (_, spoil, message, hint) => {
  server.spoil = spoil;
  const before = server.seen.length;
  const store = fresh();
  await expect(store.get("a")).rejects.toMatchObject({
    name: "UsageError",
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
  expect(server.seen.length - before).toBe(1);
  expect(((await store.get("a").catch((error: unknown) => error)) as Error).message).toContain(`Cannot read ${store.locate("a")}`);
});

test("a server without conditional writes is named", async () => {
  server.spoil = failing(501, "NotImplemented");
  await expect(fresh().create("a", "x")).rejects.toMatchObject({ hint: expect.stringContaining("If-None-Match") });
});

test("without credentials, a region or a server the cure is told", async () => {
  for (const name of Object.keys(S3_ENV)) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries({
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_SHARED_CREDENTIALS_FILE: "/none",
    AWS_CONFIG_FILE: "/none",
  }))
    vi.stubEnv(name, value);
  await expect(fresh().get("a")).rejects.toMatchObject({
    message: expect.stringContaining("there are no credentials"),
    hint: expect.stringContaining("AWS_PROFILE"),
  });
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: "user", AWS_SECRET_ACCESS_KEY: "x" })) vi.stubEnv(name, value);
  vi.stubEnv("AWS_ENDPOINT_URL_S3", undefined);
  await expect(fresh().get("a")).rejects.toMatchObject({
    message: expect.stringContaining("no region is named"),
    hint: "Set AWS_REGION.",
  });
  vi.stubEnv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1");
  await expect(fresh().get("a")).rejects.toMatchObject({ message: expect.stringContaining("no server answers") });
  vi.stubEnv("AWS_ENDPOINT_URL_S3", "localhost:9000");
  await expect(fresh().get("a")).rejects.toMatchObject({ message: expect.stringContaining("which is no address") });
});

test.each(["s3://", "s3:///a", "s3://a", "s3://a b/c", "s3://photos/../b", "s3://photos/a//b", "s3://photos/./a"])(
  "%j is no address",
  (address) => {
    expect(() => s3Store(address)).toThrow(UsageError);
  },
);

const names = (keys: readonly string[]): string =>
  keys.map((key) => `<Contents><Key>${escapeXml(key)}</Key><Size>1</Size></Contents>`).join("");
const listed = (text: string): Spoil => {
  return (_, response) => {
    response.writeHead(200, { "Content-Type": "application/xml" }).end(text);
    return true;
  };
};

test("of a listing only names that are keys are taken", async () => {
  const store = s3Store("s3://photos/a");
  const hostile = ["a/../../etc/passwd", "a//b", "a/", "b/other", "a/x%00y", "a/%FF", "a/x%5Cy", "a/..", "a/ok%0Aline", "a/good"];
  server.spoil = listed(listingXml(names(hostile), false));
  expect((await store.list("")).map(({ key }) => key)).toEqual(["ok\nline", "good"]);
});

const entities = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>`;
const token = (value: number): string => `<NextContinuationToken>${value}</NextContinuationToken>`;
let page = 0;

test.each<[string, Spoil, RegExp]>([
  ["that is cut short", listed(listingXml(names(["a/b"]), false).slice(0, -30)), /Cannot list/],
  ["that is nested without end", listed(`${"<a>".repeat(200_000)}`), /Cannot list/],
  ["whose pages repeat", listed(listingXml(names(["a/b"]) + token(1), true)), /does not end/],
  ["whose next page has no name", listed(listingXml(names(["a/b"]), true)), /does not end/],
  ["whose pages are empty", (seen, response) => listed(listingXml(token(page++), true))(seen, response), /does not end/],
])("a listing %s is refused", async (_, spoil, message) => {
  server.spoil = spoil;
  await expect(s3Store("s3://photos/a", { attempts: 2, first: 1 }).list("")).rejects.toThrow(message);
});

test("entities of a listing are neither expanded nor followed", async () => {
  server.spoil = listed(listingXml(`<Contents><Key>a/&b;&c;</Key><Size>1</Size></Contents>${names(["a/b"])}`, false, entities));
  const found = await s3Store("s3://photos/a", { attempts: 1 }).list("");
  expect(found.map(({ key }) => key)).toEqual(["b"]);
});

test("a page of names that does not end is cut off", async () => {
  const piece = names(Array.from({ length: 10_000 }, (_, i) => `a/${i}`));
  let sent = 0;
  server.spoil = (_, response: ServerResponse) => {
    response.writeHead(200, { "Content-Type": "application/xml" });
    response.write("<ListBucketResult>");
    const more = (): void => {
      while (!response.destroyed && response.write(piece)) sent += piece.length;
    };
    response.on("drain", more);
    more();
    return true;
  };
  await expect(s3Store("s3://photos/a", { attempts: 2, first: 1 }).list("")).rejects.toThrow(/more than 32 MB of names at once/);
  expect(sent).toBeLessThan(64_000_000);
});
