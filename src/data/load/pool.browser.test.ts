// Images read in workers of a real browser.

import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { tfmsFromModel } from "../augment/transforms.ts";
import { ImageClassifierData } from "../image-data.ts";
import { photosFromBlobs } from "../photographs/labelled.ts";
import { pool } from "./load.browser.ts";
import { loadHere } from "./load-task.ts";
import { closePool, loadBatches } from "./loader.ts";

afterEach(() => closePool());

const tfms = tfmsFromModel({ mean: [0, 0, 0], std: [1, 1, 1] }, 64);
const spec = tfms.train;

/** A JPEG of noise, [side, side]. */
async function noise(side: number, seed: number): Promise<Blob> {
  const pixels = new ImageData(side, side);
  let state = seed + 1;
  for (let i = 0; i < pixels.data.length; i++) {
    state = (state * 48_271) % 2_147_483_647;
    pixels.data[i] = i % 4 === 3 ? 255 : state % 256;
  }
  const canvas = new OffscreenCanvas(side, side);
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type: "image/jpeg" });
}

test("a worker gives the same pixels, findings and failures as the page's own thread", async () => {
  let ready = 0;
  vi.stubGlobal(
    "Worker",
    class extends Worker {
      constructor(address: URL, options: WorkerOptions) {
        super(address, options);
        this.addEventListener("message", ({ data }) => (ready += data.ready ? 1 : 0));
      }
    },
  );
  onTestFinished(() => void vi.unstubAllGlobals());
  const bytes = new Uint8Array(await (await noise(64, 1)).arrayBuffer());
  const task = { name: "a", image: bytes, spec, key: [1, "augment", 0, "a"] };
  expect(await pool.load(task)).toEqual(await loadHere(task));
  expect(bytes.length).toBeGreaterThan(1000);
  expect(await pool.scan({ file: bytes })).toMatchObject({ width: 64, height: 64 });
  expect(await pool.inspect(new TextEncoder().encode("no image"))).toEqual({ error: "not an image" });
  expect(ready).toBeGreaterThan(0);
});

test("an address is relative to the page, not to the worker's script", async () => {
  const answers = [URL.createObjectURL(await noise(16, 2)), "/missing.png"].map((address) => pool.scan({ file: address }));
  expect(await Promise.all(answers)).toEqual([expect.objectContaining({ width: 16 }), { error: "file not found" }]);
});

test("while workers read images, the page's own thread neither decodes nor transforms any", async () => {
  const photos = await Promise.all(Array.from({ length: 8 }, (_, i) => noise(300, i)));
  const tree = photosFromBlobs({ cats: photos.slice(0, 4), dogs: photos.slice(4) });
  const decoded = vi.spyOn(globalThis, "createImageBitmap");
  const readBack = vi.spyOn(OffscreenCanvasRenderingContext2D.prototype, "getImageData");
  onTestFinished(() => {
    for (const spy of [decoded, readBack]) spy.mockRestore();
  });
  const data = await ImageClassifierData.fromPaths(tree, { tfms });
  const order = data.train.map((_, index) => index);
  const options = { items: data.train, spec, batchSize: 4, order, seed: 1, epoch: 1 };
  const pixels = async (more: { readonly workers?: number }): Promise<readonly Uint8Array[]> => {
    const all: Uint8Array[] = [];
    for await (const batch of loadBatches({ ...options, ...more })) all.push(batch.pixels.data);
    return all;
  };
  const inWorkers = await pixels({});
  expect([decoded.mock.calls.length, readBack.mock.calls.length]).toEqual([0, 0]);
  expect(await pixels({ workers: 0 })).toEqual(inWorkers);
  expect([decoded.mock.calls.length, readBack.mock.calls.length]).toEqual([order.length, order.length]);
});

test("where workers cannot be loaded, the page's own thread reads images", async () => {
  vi.resetModules();
  vi.stubGlobal(
    "Worker",
    class extends Worker {
      constructor() {
        super("/no-such-worker.js", { type: "module" });
      }
    },
  );
  onTestFinished(() => void vi.unstubAllGlobals());
  const { pool: other } = await import("./load.browser.ts");
  const bytes = new Uint8Array(await (await noise(64, 1)).arrayBuffer());
  const found = await Promise.all([other.scan({ file: bytes }), other.scan({ file: bytes }), other.scan({ file: bytes })]);
  expect(found.every((each) => "width" in each && each.width === 64)).toBe(true);
  expect(await other.scan({ file: bytes })).toMatchObject({ width: 64 });
});
