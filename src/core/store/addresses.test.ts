// Reading from web servers with and without support for ranges.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addressReader } from "./addresses.ts";
import type { StoreReader } from "./store.ts";

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer(({ url = "", headers: { range = "" } }, response) => {
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    if (url === "/broken/a") response.writeHead(500).end();
    else if (!/^\/(ranges|whole)\/a$/.test(url)) response.writeHead(404).end("not here");
    else if (url === "/whole/a" || start === undefined) response.writeHead(200).end(BYTES);
    else if (Number(start) >= BYTES.length) response.writeHead(416).end();
    else response.writeHead(206).end(BYTES.subarray(Number(start), Number(end) + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const range = async (reader: StoreReader, start: number, length: number) => [...((await reader.getRange("a", start, length)) ?? [])];

test.each(["ranges", "whole", "ranges/"])("values and their ranges are read below /%s", async (place) => {
  const reader = addressReader(`${origin}/${place}`);
  expect(await reader.get("a")).toEqual(BYTES);
  expect(await range(reader, 40, 2)).toEqual([40, 41]);
  expect(await range(reader, 98, 5)).toEqual([98, 99]);
  expect(await range(reader, 100, 5)).toEqual([]);
  expect(await range(reader, 5, 0)).toEqual([]);
  expect(await reader.get("b")).toBeUndefined();
  expect(await reader.getRange("b", 0, 1)).toBeUndefined();
});

test("messages name addresses, and a server's own failure is thrown", async () => {
  const reader = addressReader(`${origin}/broken/`);
  expect([reader.locate(), reader.locate("a")]).toEqual([`${origin}/broken/`, `${origin}/broken/a`]);
  await expect(reader.get("a")).rejects.toThrow(`${origin}/broken/a: 500`);
  await expect(reader.get("../ranges/a")).rejects.toThrow("for a key but received");
});
