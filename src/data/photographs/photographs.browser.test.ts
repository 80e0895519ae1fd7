// Photographs of every kind that a page can have, in a real browser: folders that were picked or dropped, blobs, frames and addresses.

import { expect, inject, onTestFinished, test, vi } from "vitest";
import { cdp, userEvent } from "vitest/browser";
import { storage } from "../../core/store/storage.browser.ts";
import { tfmsFromModel } from "../augment/transforms.ts";
import { encodeBmp } from "../decode/formats/bmp.ts";
import type { FileTree } from "../files/file-tree.ts";
import { files } from "../files/files.browser.ts";
import { ImageClassifierData } from "../image-data.ts";
import { photoFromFrame } from "./frame.ts";
import { photosFromAddresses, photosFromBlobs, photosFromManifest } from "./labelled.ts";
import { type DroppedItems, photosFromDrop, photosFromFiles, photosFromFolder } from "./picked.ts";

const tfms = tfmsFromModel({ mean: [0, 0, 0], std: [1, 1, 1] }, 16);

/** A PNG of its own colour, [width, height]. */
async function png(colour: string, width = 24, height = 20): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d")!;
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  return canvas.convertToBlob();
}

/** Twelve reddish and twelve bluish pictures, under the names that a folder "pets" has for them. */
async function pets(): Promise<ReadonlyMap<string, Blob>> {
  const named = new Map<string, Blob>();
  for (let i = 0; i < 12; i++) {
    named.set(`cats/${i}.png`, await png(`rgb(${100 + 10 * i} 10 10)`));
    named.set(`dogs/${i}.png`, await png(`rgb(10 10 ${100 + 10 * i})`));
  }
  named.set("dogs/broken.png", new Blob(["not an image"]));
  named.set("dogs/.hidden.png", new Blob(["hidden"]));
  named.set("readme.txt", new Blob(["text"]));
  const rows = [...named.keys()].filter((name) => /\d\.png/.test(name)).map((name) => `${name},${name.slice(0, 4)}`);
  named.set("labels.csv", new Blob([`image,label\n${rows.join("\n")}\n`]));
  return named;
}

/** What a data set of `tree` is: names, classes, hashes, the first pixels, and what was warned of. */
async function describeData(tree: FileTree | string, options: Partial<Parameters<typeof ImageClassifierData.fromPaths>[1]> = {}) {
  const warnings: string[] = [];
  const data = await ImageClassifierData.fromPaths(tree, {
    tfms,
    seed: 3,
    bs: 4,
    onWarning: ({ message }) => warnings.push(message),
    ...options,
  });
  const [batch] = await collect(data.orderedBatches("valid"));
  const facts = (items: typeof data.train) => items.map(({ name, label, hash, width }) => [name, label, hash, width]);
  return {
    classes: data.classes,
    train: facts(data.train),
    valid: facts(data.valid),
    leftOut: data.leftOut,
    pixels: batch?.pixels.data,
    warnings,
  };
}

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** The files of a folder "pets" as a file input gives them. */
function filesOf(named: ReadonlyMap<string, Blob>): File[] {
  return [...named].map(([name, blob]) => {
    const file = new File([blob], name.slice(name.lastIndexOf("/") + 1), { lastModified: 1_700_000_000_000 });
    Object.defineProperty(file, "webkitRelativePath", { value: `pets/${name}` });
    return file;
  });
}

/** A folder in the origin's private file system, whose handle is like that of one that a user picked. */
async function folderWith(named: ReadonlyMap<string, Blob>): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  const top = await root.getDirectoryHandle("pets", { create: true });
  onTestFinished(() => root.removeEntry("pets", { recursive: true }));
  for (const [name, blob] of named) {
    const parts = name.split("/");
    let folder = top;
    for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part, { create: true });
    const stream = await (await folder.getFileHandle(parts.at(-1)!, { create: true })).createWritable();
    await stream.write(blob);
    await stream.close();
  }
  return top;
}

test("picked files, a folder's handle, the browser's own storage and blobs by class make the same data set, with the same warnings", async () => {
  const named = await pets();
  const expected = await describeData(photosFromFiles(filesOf(named)));
  expect(expected).toMatchObject({ classes: ["cats", "dogs"], leftOut: 1 });
  expect(expected.train.length + expected.valid.length).toBe(24);
  expect(expected.warnings.join()).toContain("1 image cannot be read and is left out: dogs/broken.png (not an image)");
  expect(expected.pixels?.some((value) => value > 90)).toBe(true);
  expect(await describeData(photosFromFolder(await folderWith(named)))).toEqual(expected);
  const store = storage.open("photographs/pets");
  for (const [name, blob] of named) await store.put(name, new Uint8Array(await blob.arrayBuffer()));
  onTestFinished(() => storage.open("photographs").replace(new Map()));
  expect(await describeData("photographs/pets")).toEqual(expected);
  expect(() => files.tree("./pets")).toThrow("a page cannot list the files there");
});

test("a table among the picked files, or at an address, labels them", async () => {
  const named = await pets();
  const tree = photosFromFiles(filesOf(named));
  expect(tree.path).toBe("pets");
  const data = await ImageClassifierData.fromCsv(tree, "", "labels.csv", { tfms, onWarning: () => {} });
  expect([data.train.length, data.valid.length, data.classes]).toEqual([20, 4, ["cats", "dogs"]]);
  const address = URL.createObjectURL(named.get("labels.csv")!);
  const again = await ImageClassifierData.fromCsv(tree, "", address, { tfms, onWarning: () => {} });
  expect(again.valid.map(({ name }) => name)).toEqual(data.valid.map(({ name }) => name));
  await expect(ImageClassifierData.fromCsv(tree, "", "missing.csv", { tfms })).rejects.toThrow("The table missing.csv does not exist");
});

test("what was found of picked files is remembered by name, length and date", async () => {
  const named = await pets();
  onTestFinished(() => storage.open("found").replace(new Map()));
  await describeData(photosFromFiles(filesOf(named)), { cache: "found" });
  const list = filesOf(named);
  const read = list.map((file) => vi.spyOn(file, "arrayBuffer"));
  const tree = photosFromFiles(list);
  const again = await ImageClassifierData.fromPaths(tree, { tfms, seed: 3, cache: "found" });
  expect(again.train.length + again.valid.length).toBe(24);
  expect(read.filter((spy) => spy.mock.calls.length > 0)).toEqual([]);
});

test("what was hashed is what is decoded: another picture in the place of one is not trained on", async () => {
  const named = new Map(await pets());
  let [first] = [await png("red")];
  const tree: FileTree = { ...photosFromFiles(filesOf(named)) };
  const read = tree.read!;
  tree.read = async (name) => (name === "cats/0.png" ? new Uint8Array(await first.arrayBuffer()) : read(name));
  const data = await ImageClassifierData.fromPaths(tree, { tfms, onWarning: () => {}, validFraction: 0.1, seed: 1, bs: 8 });
  first = await png("blue");
  const failed = (await collect(data.trainBatches())).flatMap((batch) => batch.failed);
  expect(failed).toEqual([expect.objectContaining({ name: "cats/0.png", error: "its content is not the one that was checked" })]);
});

type Browser = { send(method: string, options?: Readonly<Record<string, unknown>>): Promise<unknown> };

/** The middle of `element` on the browser's page, in which the test runs in a frame. */
function placeOf(element: Element): { readonly x: number; readonly y: number } {
  const [inner, frame] = [element.getBoundingClientRect(), window.frameElement!.getBoundingClientRect()];
  const scale = frame.width / window.innerWidth;
  return { x: frame.x + scale * (inner.x + inner.width / 2), y: frame.y + scale * (inner.y + inner.height / 2) };
}

test("a real folder, through a file input and dropped on the page, is a tree of what lies in it", async () => {
  const browser = cdp() as unknown as Browser;
  const folder = `${inject("root")}/test/reference/onnx-proto`;
  const input = document.createElement("input");
  Object.assign(input, { type: "file", webkitdirectory: true, style: "width: 300px; height: 100px" });
  document.body.prepend(input);
  onTestFinished(() => input.remove());
  const dropped = new Promise<FileTree>((resolve) => {
    input.addEventListener("dragover", (event) => event.preventDefault());
    input.addEventListener("drop", (event) => {
      event.preventDefault();
      resolve(photosFromDrop(event.dataTransfer!.items));
    });
  });
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await browser.send("Input.dispatchDragEvent", { type, data, ...placeOf(input) });
  const changed = new Promise((resolve) => input.addEventListener("change", resolve));
  await userEvent.upload(input, "test/reference/onnx-proto");
  await changed;
  for (const tree of [photosFromFiles(input.files!), await dropped]) {
    expect(tree.path).toBe("onnx-proto");
    const names = (await tree.entries("")).map(({ name }) => name).sort();
    expect(names).toEqual(["LICENSE", "onnx.proto", "onnx_pb.ts"]);
    expect(new TextDecoder().decode((await tree.start!("LICENSE")).subarray(0, 60)).trim()).toMatch(/^Apache License/);
    expect((await tree.read!("LICENSE")).length).toBe((await tree.stat!("LICENSE"))?.bytes);
  }
});

test("dropped folders are read to the end, in all their parts, and the event may end meanwhile", async () => {
  const named = await pets();
  const entryOf = (name: string): unknown => {
    const blob = named.get(name);
    const last = name.slice(name.lastIndexOf("/") + 1);
    if (blob) return { isDirectory: false, name: last, file: (done: (file: File) => void) => done(new File([blob], last)) };
    const inside = [...new Set([...named.keys()].filter((key) => key.startsWith(`${name}/`)).map((key) => key.slice(name.length + 1)))];
    // Chromium gives a hundred at a time; these, five.
    const createReader = () => ({
      readEntries: (done: (entries: unknown[]) => void) => done(inside.splice(0, 5).map((key) => entryOf(`${name}/${key}`))),
    });
    return { isDirectory: true, name: last, createReader };
  };
  const items = [{ webkitGetAsEntry: () => entryOf("cats") }, { webkitGetAsEntry: () => entryOf("dogs") }];
  const dropped = photosFromDrop(items as unknown as DroppedItems);
  items.length = 0;
  expect((await describeData(dropped)).classes).toEqual(["cats", "dogs"]);
  expect(() => photosFromDrop([] as unknown as DroppedItems)).toThrow("Neither files nor folders were dropped");
});

test("frames of a canvas, as bitmaps and as pixels, are photographs of the same pixels", async () => {
  const canvas = new OffscreenCanvas(4, 2);
  const context = canvas.getContext("2d")!;
  context.fillStyle = "rgb(10 200 30)";
  context.fillRect(0, 0, 4, 2);
  const frames = [canvas, await createImageBitmap(canvas), context.getImageData(0, 0, 4, 2), new VideoFrame(canvas, { timestamp: 0 })];
  for (const frame of frames) {
    const photo = await photoFromFrame(frame);
    expect(photo.type).toBe("image/png");
    const bitmap = await createImageBitmap(photo);
    const again = new OffscreenCanvas(4, 2).getContext("2d")!;
    again.drawImage(bitmap, 0, 0);
    expect([...again.getImageData(3, 1, 1, 1).data]).toEqual([10, 200, 30, 255]);
  }
  (frames[3] as VideoFrame).close();
  const video = document.createElement("video");
  await expect(photoFromFrame(video)).rejects.toThrow("The frame has 0 × 0 pixels");
  const photos = await Promise.all(["red", "maroon", "blue", "navy"].map((colour) => png(colour)));
  const tree = photosFromBlobs(photos.map((photo, i) => ({ photo, label: i < 2 ? "valid" : "test/2".slice(0, 4) })));
  const data = await ImageClassifierData.fromPaths(tree, { tfms });
  expect([data.classes, data.train[0]?.name]).toEqual([["test", "valid"], expect.stringMatching(/^train\/test\/000\d\.png$/)]);
});

test("a manifest names photographs by addresses, which are read within limits", async () => {
  const served = new Map<string, Blob>();
  for (const [i, colour] of ["red", "maroon", "blue", "navy"].entries()) served.set(`https://example.org/pets/${i}.png`, await png(colour));
  served.set(
    "https://example.org/pets/list.json",
    new Blob([JSON.stringify({ cats: ["0.png", "1.png"], dogs: ["2.png", "/pets/3.png?x=/y"] })]),
  );
  const rows = ["0.png,cats,train", "1.png,cats,valid", "2.png,dogs,train", "https://example.org/pets/3.png,dogs,valid"];
  served.set("https://example.org/pets/list.csv", new Blob([`address,label,part\n${rows.join("\n")}\n`]));
  served.set("https://example.org/pets/wrong.json", new Blob(['[{"label": "cats"}]']));
  served.set("https://example.org/pets/wrong.csv", new Blob(["address,label\n,cats\n"]));
  vi.stubGlobal("fetch", async (address: string) => {
    const found = served.get(address.replace(/\?.*/, ""));
    return found ? new Response(found, { headers: { "content-length": `${found.size}` } }) : new Response("", { status: 404 });
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  for (const [name, held] of [
    ["list.json", [1, 1]],
    ["list.csv", [1, 1]],
  ] as const) {
    const tree = await photosFromManifest(`https://example.org/pets/${name}`);
    const { classes, train, valid } = await describeData(tree);
    expect([classes, train.filter(([, label]) => label === 0).length, valid.filter(([, label]) => label === 1).length]).toEqual([
      ["cats", "dogs"],
      ...held,
    ]);
  }
  const manifest = (name: string) => photosFromManifest(`https://example.org/pets/${name}`);
  await expect(manifest("wrong.json")).rejects.toThrow("does not name photographs with labels");
  await expect(manifest("wrong.csv")).rejects.toThrow("Line 2 of the manifest https://example.org/pets/wrong.csv lacks an address");
  await expect(manifest("none.csv")).rejects.toThrow("its server answers 404");
  const tree = photosFromAddresses([{ address: "https://example.org/pets/0.png", label: "cats" }], { most: 10 });
  await expect(tree.read!("train/cats/0001-0.png")).rejects.toMatchObject({
    name: "ImageError",
    message: expect.stringContaining("10 bytes are the most"),
  });
});

test.each([[""], ["a/b"], [".hidden"], ["__MACOSX"]])("%j is no label", (label) => {
  expect(() => photosFromBlobs([{ label, photo: new Blob() }])).toThrow("for the label of a photograph");
});

test("twenty thousand photographs are listed, checked and read with no more than a few in memory", { timeout: 240_000 }, async () => {
  const bytes = encodeBmp({ width: 4, height: 4, data: new Uint8Array(48).fill(99) });
  let [held, most] = [0, 0];
  /** A blob whose reading is counted as long as its bytes are wanted. */
  class Counted extends Blob {
    override async arrayBuffer(): Promise<ArrayBuffer> {
      most = Math.max(most, ++held);
      try {
        return await super.arrayBuffer();
      } finally {
        held--;
      }
    }
  }
  const of = (count: number) => Array.from({ length: count }, () => new Counted([bytes as Uint8Array<ArrayBuffer>], { type: "image/bmp" }));
  const tree = photosFromBlobs({ cats: of(10_000), dogs: of(10_000) });
  const data = await ImageClassifierData.fromPaths(tree, { tfms, bs: 256, onWarning: () => {} });
  expect(data.train.length + data.valid.length).toBe(20_000);
  let seen = 0;
  for await (const { indices } of data.orderedBatches("valid")) seen += indices.length;
  expect(seen).toBe(4000);
  expect(most).toBeLessThan(64);
});
