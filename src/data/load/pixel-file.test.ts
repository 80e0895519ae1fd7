// Pixels that a check keeps, in a file or in memory: the bits that decoding again would give, in bounds, and nothing that is left or missed when
// it cannot be done.

import { mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";
import { tfmsFromModel } from "../augment/transforms.ts";
import type { ScannedItem } from "../dataset/items.ts";
import { closePool, loadBatches } from "./loader.ts";
import { PixelFile } from "./pixel-file.node.ts";
import { PixelMemory } from "./pixel-memory.ts";
import { keepReadable, scanItems } from "./scan.ts";

const statistics = { mean: [0, 0, 0], std: [1, 1, 1] };
const tfms = tfmsFromModel(statistics, 32);
const grey = tfmsFromModel(statistics, 32, { channels: 1 });
const BYTES = 32 * 32 * 3;

afterAll(closePool);

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "thaw-pixels-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A file that keeps pixels until the test ends. */
async function keeper(folder: string, spec = tfms.valid, most?: number, free?: number | "unknown"): Promise<PixelFile> {
  const file = new PixelFile(folder, most, free === undefined ? undefined : async () => (free === "unknown" ? undefined : free));
  onTestFinished(() => file.close());
  await file.begin(spec);
  return file;
}

/** Memory that keeps pixels. */
async function memory(spec = tfms.valid, most?: number): Promise<PixelMemory> {
  const kept = new PixelMemory(most);
  await kept.begin(spec);
  return kept;
}

const kinds = [
  ["a file", (spec?: typeof tfms.valid, most?: number) => keeper(temporaryFolder(), spec, most)],
  ["memory", memory],
] as const;

/** Photographs of all shapes, one of them turned by its EXIF, and a file that is none. */
async function photographs(): Promise<{ file: string; name: string; label: number }[]> {
  const folder = temporaryFolder();
  const write = async (name: string, width: number, height: number, orientation = 1) => {
    const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => i * 7 + (i >> 6) + width);
    const image = sharp(pixels, { raw: { width, height, channels: 3 } }).withMetadata({ orientation });
    await image.toFile(join(folder, name));
  };
  await write("a.jpg", 60, 40);
  await write("b.jpg", 64, 90, 6);
  await write("c.png", 20, 20);
  await write("d.png", 32, 32);
  const names = ["a.jpg", "b.jpg", "c.png", "d.png"];
  return names.map((name) => ({ file: join(folder, name), name, label: -1 }));
}

/** The pixels of `items`, and how many of them could not be read. */
async function load(items: readonly ScannedItem[], spec = tfms.valid): Promise<{ pixels: Uint8Array[]; errors: readonly string[] }> {
  const pixels: Uint8Array[] = [];
  const errors: string[] = [];
  for await (const batch of loadBatches({ items, spec, batchSize: 3, order: [...items.keys()], seed: 0, epoch: 0 })) {
    pixels.push(batch.pixels.data);
    errors.push(...batch.failed.map(({ error }) => error));
  }
  return { pixels, errors };
}

test.each(kinds.flatMap(([where, make]) => [["colour", where, tfms.valid, make] as const, ["grey", where, grey.valid, make] as const]))(
  "pixels in %s that a check keeps in %s are those of the files, which need not be there any more",
  async (_, _where, spec, make) => {
    const items = await photographs();
    const plain = keepReadable(items, await scanItems(items), []);
    const expected = await load(plain, spec);
    const kept = await make(spec);
    const scanned = keepReadable(items, await scanItems(items, { kept }), [], { kept });
    expect(scanned).toEqual(plain.map((item) => ({ ...item, kept })));
    for (const { file } of items) unlinkSync(file);
    expect(await load(scanned, spec)).toEqual(expected);
    expect(expected.errors).toEqual([]);
    // Neither other pixels nor those of other files are taken for them.
    const gone = Array(4).fill("file not found");
    expect((await load(scanned, tfmsFromModel(statistics, 16).valid)).errors).toEqual(gone);
    expect((await load(scanned, { ...spec, maxZoom: 1.1 })).errors).toEqual(gone);
    expect((await load(scanned.map((item) => ({ ...item, hash: "0" })))).errors).toEqual(gone);
  },
);

test("a file with other content than was checked is refused, or not read", async () => {
  const items = await photographs();
  const kept = await keeper(temporaryFolder(), tfms.valid, 3 * BYTES);
  const scanned = keepReadable(items, await scanItems(items, { kept }), [], { kept });
  const before = (await load(scanned)).pixels;
  for (const { file } of items) writeFileSync(file, "other");
  const after = await load(scanned);
  // There was room for three.
  expect(after.errors).toEqual(["its content is not the one that was checked"]);
  const rows = (pixels: readonly Uint8Array[]) => pixels.reduce((sum, { length }) => sum + length, 0) / BYTES;
  expect([rows(before), rows(after.pixels)]).toEqual([4, 3]);
});

test("findings that were stored are not decoded, so nothing is kept", async () => {
  const items = await photographs();
  const cache = temporaryFolder();
  await scanItems(items, { cache });
  const kept = await keeper(temporaryFolder());
  const keep = vi.spyOn(kept, "keep");
  await scanItems(items, { cache, kept });
  expect(keep).not.toHaveBeenCalled();
});

test("the file has no name, and one that a killed process left is deleted", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, `.thaw-${hostname().replace(/[^\w-]/g, "-")}.${2 ** 22 + 1}.0.0.tmp`), "left");
  const kept = await keeper(folder);
  await kept.keep("a", new Uint8Array(BYTES).fill(7));
  expect(readdirSync(folder)).toEqual([]);
  const into = new Uint8Array(BYTES);
  expect(await kept.read("a", tfms.valid, into)).toBe(true);
  expect(into.every((value) => value === 7)).toBe(true);
  await kept.close();
  expect([kept.wanted, await kept.read("a", tfms.valid, into)]).toEqual([undefined, false]);
});

test.each(kinds)("no more is kept in %s than there is room for, and no photograph twice", async (_, make) => {
  const kept = await make(tfms.valid, 2.5 * BYTES);
  const pixels = new Uint8Array(BYTES);
  const has = (...hashes: readonly string[]) => Promise.all(hashes.map((hash) => kept.read(hash, tfms.valid, pixels)));
  await Promise.all(["a", "a", "a"].map((hash) => kept.keep(hash, pixels)));
  expect(kept.wanted).toBe(tfms.valid);
  await Promise.all(["b", "c", "d"].map((hash) => kept.keep(hash, pixels)));
  expect(kept.wanted).toBeUndefined();
  expect(await has("a", "b", "c", "d")).toEqual([true, true, false, false]);
  await kept.close();
  expect([kept.wanted, ...(await has("a", "b"))]).toEqual([undefined, false, false]);
});

test("a twentieth of the free space is the most that is taken", async () => {
  const wantedWith = async (free: number | "unknown") => (await keeper(temporaryFolder(), tfms.valid, 1e9, free)).wanted;
  expect(await wantedWith(20 * BYTES - 1)).toBeUndefined();
  expect(await wantedWith(20 * BYTES)).toBe(tfms.valid);
  expect(await wantedWith("unknown")).toBeUndefined();
});

test("a disk that refuses a write ends the keeping, and what was kept makes room", async () => {
  const folder = temporaryFolder();
  const kept = await keeper(folder);
  const pixels = new Uint8Array(BYTES);
  await kept.keep("a", pixels);
  const handle = await open(folder);
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const write = vi
    .spyOn(prototype, "write")
    .mockRejectedValue(Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }));
  onTestFinished(() => write.mockRestore());
  await Promise.all([kept.keep("b", pixels), kept.keep("c", pixels)]);
  expect(write).toHaveBeenCalledTimes(2);
  expect([kept.wanted, await kept.read("a", tfms.valid, pixels), await kept.read("b", tfms.valid, pixels)]).toEqual([
    undefined,
    false,
    false,
  ]);
  await kept.keep("d", pixels);
  expect(write).toHaveBeenCalledTimes(2);
});

test("where nothing can be written, or the transform is random, nothing is kept", async () => {
  const random = tfmsFromModel(statistics, 32, { maxZoom: 1.1 }).train;
  const taken = join(temporaryFolder(), "file");
  writeFileSync(taken, "");
  expect((await keeper(taken)).wanted).toBeUndefined();
  for (const [, make] of kinds) expect((await make(random)).wanted).toBeUndefined();
});
