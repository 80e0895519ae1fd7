// Photographs by their addresses: many at a time, in bounded memory, and each failure a reason.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { type FakeS3, startFakeS3, xmlError } from "../../../test/fixtures/fake-s3.ts";
import { picture } from "../../../test/fixtures/models.ts";
import { S3_ENV } from "../../../test/fixtures/real-s3.ts";
import { READS } from "../load/image-file.ts";
import { loadBatches } from "../load/loader.ts";
import { FolderReader } from "../sources/folder-reader.ts";
import { files } from "./files.node.ts";
import { fileAt, isRemote } from "./remote.node.ts";

let server: FakeS3;

beforeAll(async () => {
  server = await startFakeS3(["photos"], { pageSize: 7 });
  for (const [name, value] of Object.entries({ ...S3_ENV, AWS_ENDPOINT_URL_S3: server.url })) vi.stubEnv(name, value);
  for (let i = 0; i < 200; i++) server.values.set(`photos/album/${i % 4}/${i}.png`, await picture(i % 5));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

test("the tree of an address has the folders and files below it, with their sizes and dates", async () => {
  const tree = files.tree("s3://photos/album/");
  expect([tree.path, tree.locate("1/5.png")]).toEqual(["s3://photos/album", "s3://photos/album/1/5.png"]);
  expect((await tree.entries("")).map(({ name, kind }) => `${name} ${kind}`).sort()).toEqual([
    "0 folder",
    "1 folder",
    "2 folder",
    "3 folder",
  ]);
  expect(await tree.stat?.("1/5.png")).toEqual({ bytes: (await picture(0)).length, modified: expect.any(Number) });
  expect(await new FolderReader(tree).images("2", 0)).toHaveLength(50);
  await expect(tree.entries("5")).rejects.toThrow("The folder s3://photos/album/5 does not exist");
});

test("more photographs are read at a time than are decoded, and no more than that", async () => {
  let [reading, most] = [0, 0];
  const items = Array.from({ length: 200 }, (_, i) => {
    const { file, read } = fileAt(`s3://photos/album/${i % 4}/${i}.png`);
    const counted = async (): Promise<Uint8Array> => {
      reading++;
      most = Math.max(most, reading);
      await new Promise((resolve) => setTimeout(resolve, 20));
      reading--;
      return (read as () => Promise<Uint8Array>)();
    };
    return { file, name: file, label: 0, read: counted };
  });
  const spec = { size: 8, crop: "center", channels: 3, pad: "reflection", augment: [] } as never;
  let images = 0;
  for await (const batch of loadBatches({ items, spec, batchSize: 64, order: [...items.keys()], seed: 0, epoch: 0, workers: 0 }))
    images += batch.indices.length;
  expect(images).toBe(200);
  expect(most).toBe(READS);
});

test("a photograph that the store never gives is a reason, if it gives others", async () => {
  server.spoil = ({ key }, response) => {
    if (!key.endsWith("/1.png")) return false;
    response.writeHead(404).end(xmlError("NoSuchKey"));
    return true;
  };
  await expect(fileAt("s3://photos/album/1/1.png").read?.()).rejects.toMatchObject({ name: "ImageError", message: "file not found" });
  server.spoil = () => false;
  await expect(fileAt("s3://nowhere/1.png").read?.()).rejects.toMatchObject({ name: "UsageError" });
  await expect(fileAt("s3://x").read?.()).rejects.toMatchObject({ name: "ImageError" });
});

test("a web server's photograph is bounded in bytes; a busy server is asked again", async () => {
  let asked = 0;
  const web = createServer((request, response) => {
    asked++;
    if (request.url === "/busy.png" && asked < 3) return void response.writeHead(503).end();
    if (request.url === "/long.png") return void response.writeHead(200, { "Content-Length": 300_000_000 }).write("x");
    response.writeHead(request.url === "/none.png" ? 404 : 200).end("bytes");
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => web.closeAllConnections());
  onTestFinished(() => void web.close());
  const at = (name: string) => fileAt(`http://127.0.0.1:${(web.address() as AddressInfo).port}/${name}`).read?.();
  expect(new TextDecoder().decode(await at("busy.png"))).toBe("bytes");
  expect(asked).toBe(3);
  await expect(at("long.png")).rejects.toMatchObject({ name: "ImageError", message: "it has 300 MB or more, where 256 MB are the most" });
  await expect(at("none.png")).rejects.toMatchObject({ name: "ImageError", message: "its server answers 404 Not Found" });
});

test.each([
  ["a.jpg", false],
  ["/a.jpg", false],
  ["s3:a.jpg", false],
  ["C:\\a.jpg", false],
  ["s3://photos/a.jpg", true],
  ["https://photos/a.jpg", true],
])("%s is an address: %s", (name, remote) => {
  expect(isRemote(name)).toBe(remote);
  expect(fileAt(name).read !== undefined).toBe(remote);
});
