// The store in a folder of which a page has the handle, in a real browser: folders of the origin's private file system have the same handles as
// those that users pick.

import { afterAll, describe, expect, test } from "vitest";
import { storeContract } from "../../../test/contract/store.ts";
import { noisyPictures } from "../../../test/fixtures/noisy-pictures.ts";
import { loadClassifier } from "../../classifier/classifier.ts";
import { trainInWorker } from "../../page/train-in-worker.browser.ts";
import { UsageError } from "../errors.ts";
import { folderStore, type WritableFolder } from "./folder.browser.ts";

const top = await (
  globalThis as unknown as { navigator: { storage: { getDirectory(): Promise<WritableFolder> } } }
).navigator.storage.getDirectory();
let opened = 0;
const made: string[] = [];

async function newFolder(): Promise<WritableFolder> {
  const name = `folder-test-${opened++}`;
  await top.removeEntry(name, { recursive: true }).catch(() => undefined);
  made.push(name);
  return top.getDirectoryHandle(name, { create: true });
}
afterAll(() => Promise.all(made.map((name) => top.removeEntry(name, { recursive: true }))));

describe("a picked folder", () => {
  storeContract(async () => folderStore(await newFolder()));

  test("what a tab left that was closed while it replaced all values is none, and the next write removes it", async () => {
    const folder = await newFolder();
    const store = folderStore(folder);
    await store.put("a/b", "half");
    await folder.getFileHandle(".thaw-replacing", { create: true });
    expect(await store.get("a/b")).toBeUndefined();
    expect(await store.stat("a/b")).toBeUndefined();
    expect(await store.list("")).toEqual([]);
    await store.put("c", "new");
    expect((await store.list("")).map(({ key }) => key)).toEqual(["c"]);
  });

  test("files that are not thaw's are never deleted to save a model", async () => {
    const folder = await newFolder();
    await folder.getFileHandle("letter.txt", { create: true });
    const store = folderStore(folder);
    await expect(store.replace(new Map([["model.json", "{}"]]))).rejects.toMatchObject({
      name: "UsageError",
      message: `${folder.name} holds files that are not thaw's, and would lose them`,
    });
    expect((await store.list("")).map(({ key }) => key)).toEqual(["letter.txt"]);
    await store.put("notes", "text");
    await expect(store.replace(new Map())).rejects.toThrow("would lose them");
  });

  test("a page that may not write hears how it could", async () => {
    const folder = await newFolder();
    const forbidding = (value: WritableFolder): WritableFolder =>
      new Proxy(value, {
        get(target, name) {
          if (name === "getFileHandle") return () => Promise.reject(new DOMException("The request is not allowed", "NotAllowedError"));
          const found = Reflect.get(target, name);
          return typeof found === "function" ? found.bind(target) : found;
        },
      });
    const error = await folderStore(forbidding(folder))
      .put("a", "text")
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({
      message: `Cannot write ${folder.name}/a: The request is not allowed`,
      hint: expect.stringContaining('showDirectoryPicker({ mode: "readwrite" })'),
    });
  });

  test("a run in thaw's worker saves its model into it", { timeout: 300_000 }, async () => {
    const out = await newFolder();
    const course = { size: 32, bs: 4, stages: ["precompute"], epochs: [2], lrs: [0.01], precision: "fp32", threads: 1 } as const;
    await trainInWorker({ folder: noisyPictures(), cache: "folder-test/cache", out, ...course });
    const model = await loadClassifier(folderStore(out));
    expect(model.classes).toEqual(["blue", "red"]);
    await model.dispose();
  });
});
