// Weights in a real browser: the shipped file, files of a hub that tells the truth or lies, and what is stored of them.

import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { databaseStore } from "../../core/store/database.browser.ts";
import { storage } from "../../core/store/storage.browser.ts";
import { architectureOf } from "../catalogue.ts";
import { defaultWeights } from "../published/published.ts";
import { findWeights } from "./find-weights.browser.ts";

const small = architectureOf("thaw_small");
const content = new Uint8Array(300_000).map((_, i) => (i * 7) % 251);
const FILE = "owner/name/resolve/main/model.safetensors";

const hashOf = async ({ bytes = new Uint8Array() }: { bytes?: Uint8Array }) => storage.hash(bytes);
const empty = () => databaseStore(".weights").replace(new Map());
beforeEach(empty);
afterEach(empty);

/** A hub in the place of the network, with one file; counts its requests. */
async function startHub({
  bytes = content,
  listed = content,
  headers = {},
}: {
  bytes?: Uint8Array;
  listed?: Uint8Array;
  headers?: HeadersInit;
} = {}) {
  const hub = { downloads: 0 };
  const oid = await storage.hash(listed);
  vi.stubGlobal("fetch", async (address: string, { body }: RequestInit) => {
    if (address === "https://huggingface.co/api/models/owner/name/paths-info/main" && String(body) === "paths=model.safetensors")
      return Response.json([{ type: "file", path: "model.safetensors", lfs: { oid, size: listed.length } }]);
    if (address !== `https://huggingface.co/${FILE}` && address !== "https://example.org/a.safetensors")
      return new Response("no", { status: 404, statusText: "Not Found" });
    hub.downloads++;
    return new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return hub;
}

test("the weights that ship with thaw are found, checked, stored, and read without the network on the next visit", async () => {
  const progress: number[] = [];
  const found = await findWeights(small, undefined, { onProgress: ({ done }) => progress.push(done) });
  expect(found.row).toBe(defaultWeights("thaw_small"));
  expect(await storage.hash(found.bytes!)).toBe(found.row?.sha256);
  expect(progress.at(-1)).toBe(Math.round(found.bytes!.length / 1e6));
  vi.stubGlobal("fetch", () => Promise.reject(new Error("offline")));
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(await hashOf(await findWeights(small, "thaw_small", { offline: true }))).toBe(found.row?.sha256);
});

test("a stored file that was damaged is downloaded again", async () => {
  const hub = await startHub();
  await findWeights(small, "hf:owner/name");
  await databaseStore(".weights").put("hub/owner/name/main/model.safetensors", content.slice(1));
  expect(await hashOf(await findWeights(small, "hf:owner/name"))).toBe(await storage.hash(content));
  await findWeights(small, "hf:owner/name");
  expect(hub.downloads).toBe(2);
  await databaseStore(".weights").delete("hub/owner/name/main/model.safetensors");
  await expect(findWeights(small, "hf:owner/name", { offline: true })).rejects.toThrow(
    "not in the browser's storage, and downloads are disabled",
  );
});

test("a file that is not what the hub lists, or not what was downloaded first, is refused and not stored", async () => {
  await startHub({ bytes: content.slice(1) });
  await expect(findWeights(small, "hf:owner/name")).rejects.toMatchObject({
    name: "UsageError",
    message: expect.stringMatching(/^owner\/name\/model.safetensors has the SHA-256 [0-9a-f]{64} where [0-9a-f]{64} was expected$/),
  });
  expect(await databaseStore(".weights").list("")).toEqual([]);
  await startHub();
  await findWeights(small, "hf:owner/name");
  await databaseStore(".weights").delete("hub/owner/name/main/model.safetensors");
  await startHub({ bytes: content.slice(1), listed: content.slice(1) });
  await expect(findWeights(small, "hf:owner/name")).rejects.toMatchObject({
    hint: expect.stringContaining("not what was downloaded first"),
  });
});

test("a download that was cut begins again at the next visit and is stored whole; its progress says no total where the server does not", async () => {
  await startHub({ headers: { "content-length": String(content.length + 1) } });
  await expect(findWeights(small, "hf:owner/name")).rejects.toThrow("the connection ended after 300000 of 300001 bytes");
  expect(await databaseStore(".weights").list("")).toEqual([]);
  const hub = await startHub();
  const totals = new Set<number>();
  const found = await findWeights(small, "hf:owner/name", { onProgress: ({ total }) => totals.add(total) });
  expect(await hashOf(found)).toBe(await storage.hash(content));
  expect(totals).toEqual(new Set([0]));
  await findWeights(small, "hf:owner/name");
  expect(hub.downloads).toBe(1);
});

test("an address is read as it is, and with a hash it is checked and stored", async () => {
  const hub = await startHub();
  const address = "https://example.org/a.safetensors";
  expect(await findWeights(small, address)).toEqual({ path: address });
  expect(await findWeights(small, "./a.safetensors")).toEqual({ path: "./a.safetensors" });
  const named = `${address}#sha256=${await storage.hash(content)}`;
  expect(await hashOf(await findWeights(small, named))).toBe(await storage.hash(content));
  expect(await hashOf(await findWeights(small, named))).toBe(await storage.hash(content));
  expect(hub.downloads).toBe(1);
  await expect(findWeights(small, `${address}#sha256=${"0".repeat(64)}`)).rejects.toThrow("where 0000");
});

test.each([
  ["a missing file", {}, "hf:owner/name/other.safetensors", "its server answers 404 Not Found"],
  ["a cut connection", { headers: { "content-length": "300001" } }, "hf:owner/name", "the connection ended after 300000 of 300001 bytes"],
  ["too long a file", { headers: { "content-length": "3000000000" } }, "hf:owner/name", "it has 3.0 GB or more, where 2.0 GB are the most"],
  ["a name that leads elsewhere", {}, "hf:owner/name/../x", "for the file on the hub"],
  ["no such name", {}, "resnet", "There are no weights called resnet in the browser's storage"],
  ["another network's weights", {}, "resnet34.a1_in1k", "resnet34.a1_in1k are weights of resnet34, not of thaw_small"],
])("%s: %j %s → %s", async (_, lies, named, message) => {
  await startHub(lies);
  await expect(findWeights(small, named)).rejects.toMatchObject({ name: "UsageError", message: expect.stringContaining(message) });
});

test("a name in the browser's storage is found there, and a connection that brings nothing ends", async () => {
  await databaseStore("mine").put("a.safetensors", content);
  onTestFinished(() => databaseStore("mine").delete("a.safetensors"));
  expect(await findWeights(small, "mine/a.safetensors")).toEqual({ path: "mine/a.safetensors" });
  const stopped = new AbortController();
  await startHub();
  stopped.abort(new Error("enough"));
  await expect(findWeights(small, "hf:owner/name", { signal: stopped.signal })).rejects.toThrow("enough");
});
