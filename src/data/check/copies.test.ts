// Groups of copies from thumbnails and hashes.

import { expect, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import { type ComparedImage, findCopies } from "./copies.ts";

/** A smooth picture that depends on the seed, as photographs are; `change` is applied to each value. */
function look(name: string, seed: number, { hash = name, change = (value: number) => value, mirrored = false } = {}): ComparedImage {
  const random = randomStream("look", seed);
  const waves = Array.from({ length: 12 }, () => [
    random.uniform(0, 0.6),
    random.uniform(0, 0.6),
    random.uniform(0, 6),
    random.uniform(4, 18),
  ]);
  const value = (x: number, y: number): number =>
    waves.reduce((sum, [u, v, phase, height]) => sum + height! * Math.sin(u! * x + v! * y + phase!), 128);
  const thumbnail = Uint8Array.from({ length: 256 }, (_, i) => change(value(mirrored ? 15 - (i % 16) : i % 16, i >> 4)));
  return { name, hash, thumbnail };
}

test("the same file, a brighter copy and a mirrored copy are one group; other pictures are none", async () => {
  const others = Array.from({ length: 40 }, (_, i) => look(`other ${i}`, 100 + i));
  const images = [
    look("d", 1, { mirrored: true }),
    ...others,
    look("a", 1),
    look("c", 1, { change: (value) => value * 0.8 + 10 }),
    look("b", 1, { hash: "a" }),
    look("z", 2),
    look("y", 2),
  ];
  expect((await findCopies(images)).copies.map((group) => group.map((position) => images[position]!.name))).toEqual([
    ["a", "b", "c", "d"],
    ["y", "z"],
  ]);
});

test("what looks alike from afar and differs in detail is told apart from copies, of which one stands for all", async () => {
  const grainy = (name: string, grain: number): ComparedImage => {
    const { thumbnail } = look(name, 1);
    const random = randomStream("grain", grain);
    return { name, hash: name, thumbnail: thumbnail.map((value) => value + 3 * random.normal()) };
  };
  const images = [look("other", 2), grainy("b", 1), grainy("d", 2), grainy("a", 1), { ...grainy("c", 1), hash: "a" }];
  const { copies, alike } = await findCopies(images);
  const named = (groups: readonly (readonly number[])[]) => groups.map((group) => group.map((position) => images[position]!.name));
  expect(named(copies)).toEqual([["a", "b", "c"]]);
  expect(named(alike)).toEqual([["a", "d"]]);
});

test("plain pictures are copies only where the files are the same", async () => {
  const plain = (name: string, hash: string, grey: number): ComparedImage => ({ name, hash, thumbnail: new Uint8Array(256).fill(grey) });
  expect(
    await findCopies([plain("white", "1", 255), plain("black", "2", 0), plain("white too", "3", 255), plain("again", "1", 255)]),
  ).toEqual({ copies: [[3, 0]], alike: [] });
});

test("no images have no copies", async () => {
  expect(await findCopies([])).toEqual({ copies: [], alike: [] });
});

test("an aborted comparison ends with the reason", async () => {
  const images = Array.from({ length: 600 }, (_, i) => look(`${i}`, i));
  await expect(findCopies(images, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});

test("progress counts different files up to all of them", async () => {
  const seen: [number, number][] = [];
  const images = [...Array.from({ length: 600 }, (_, i) => look(`${i}`, i)), look("again", 3, { hash: "3" })];
  await findCopies(images, { onProgress: (done, total) => seen.push([done, total]) });
  expect(seen).toEqual([
    [500, 600],
    [600, 600],
  ]);
});
