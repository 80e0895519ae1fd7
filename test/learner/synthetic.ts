// Images in memory and a frozen part that needs no engine, for tests of the cache alone: each row is made of its image's own number.

import { hashJson } from "../../src/core/hash.ts";
import { sizeOf, type Tensor } from "../../src/core/index.ts";
import { diskStore } from "../../src/core/store/disk.node.ts";
import type { Store } from "../../src/core/store/store.ts";
import type { ScannedItem } from "../../src/data/index.ts";
import type { TransformSpec } from "../../src/index.ts";
import { MemoryBudget } from "../../src/learner/frozen/cache/memory-budget.ts";
import { type ActivationOptions, type Activations, openActivations } from "../../src/learner/frozen/cache/open.ts";

/** `count` images of one pixel, whose colour is their number. */
export function numbered(count: number): ScannedItem[] {
  return Array.from({ length: count }, (_, i) => {
    const data = Uint8Array.of(i & 255, (i >> 8) & 255, (i >> 16) & 255);
    return { file: `${i}`, name: `train/${i}.png`, label: 0, width: 1, height: 1, hash: hashJson(i), image: { width: 1, height: 1, data } };
  });
}

export const onePixel: TransformSpec = { size: 1, crop: "none", pad: 0, augment: [] };

/** The row of the image of number `i`. */
export function rowOf(i: number, size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, j) => Math.fround(i + j / size));
}

/** A frozen part that counts the images that went through it. */
export function counting(itemShape: readonly number[], key = "counting") {
  const size = sizeOf(itemShape);
  const part = {
    itemShape,
    key,
    images: 0,
    async run({ data, shape: [count = 0] }: Tensor): Promise<Tensor> {
      part.images += count;
      const rows = new Float32Array(count * size);
      const pixels = data as Uint8Array;
      for (let row = 0; row < count; row++) {
        const [r, g, b] = pixels.subarray(row * 3, row * 3 + 3) as unknown as [number, number, number];
        rows.set(rowOf(r + 256 * g + 65536 * b, size), row * size);
      }
      return { type: "float32", shape: [count, ...itemShape], data: rows };
    },
  };
  return part;
}

/** Opens `cache`, a folder or a store, for `items`; `more` replaces options. */
export async function opened(
  cache: string | Store,
  items: readonly ScannedItem[],
  frozen: ActivationOptions["frozen"],
  more: Partial<ActivationOptions> = {},
): Promise<Activations> {
  const metadata = {
    data: "/photos",
    part: "train",
    network: "counting",
    group: 1,
    stage: "a",
    precision: "fp32",
    mean: [0],
    std: [1],
  } as const;
  const store = typeof cache === "string" ? diskStore(cache) : cache;
  return openActivations({ items, spec: onePixel, frozen, cache: store, metadata, budget: new MemoryBudget(), task: "Computing", ...more });
}

/** All rows, one after another. */
export async function allRows(activations: Activations, count: number): Promise<Float32Array> {
  return (await activations.rows(Array.from({ length: count }, (_, i) => i))).data;
}

/** What `allRows` gives for `numbered(count)`. */
export function expectedRows(count: number, size: number): Float32Array {
  const rows = new Float32Array(count * size);
  for (let i = 0; i < count; i++) rows.set(rowOf(i, size), i * size);
  return rows;
}
