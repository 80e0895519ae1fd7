// Activations on disk: one Zarr v3 array per key, in gzip chunks that are written whole or not at all, so that a killed run goes on
// where it stopped. Other programs (zarr-python) can read it.

import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as zarr from "zarrita";
import { writeFile } from "../core/files.ts";
import { sizeOf } from "../core/tensor.ts";

/** Rows of one chunk. */
export const CHUNK_ROWS = 64;

/** The gzip codec of the Zarr v3 specification, with the encoder that zarrita leaves out. Its checksum finds damaged chunks. */
const gzip = {
  kind: "bytes_to_bytes" as const,
  encode: (bytes: Uint8Array) => pipe(bytes, new CompressionStream("gzip")),
  decode: (bytes: Uint8Array) => pipe(bytes, new DecompressionStream("gzip")),
};
zarr.registry.set("gzip", async () => ({ fromConfig: () => gzip }) as never);

export interface ActivationStore {
  readonly chunks: number;
  /** The rows [first, last) of a chunk. */
  rowsOf(chunk: number): readonly [number, number];
  /** A chunk's values; undefined when it is not there yet or is damaged. */
  read(chunk: number): Promise<Float32Array | undefined>;
  write(chunk: number, values: Float32Array): Promise<void>;
}

/** Opens the array of `key` under `folder`, or starts it: `rows` items of `itemShape` in float32. */
export async function openActivationStore(
  folder: string,
  key: string,
  rows: number,
  itemShape: readonly number[],
): Promise<ActivationStore> {
  const path = join(folder, "activations", `${key}.zarr`);
  const chunks = Math.ceil(rows / CHUNK_ROWS);
  const store = fileStore(path);
  const array = (await openExisting(store, [rows, ...itemShape])) ?? (await createAnew(store, path, rows, itemShape));
  const size = sizeOf(itemShape);
  const coordinates = (chunk: number): number[] => [chunk, ...itemShape.map(() => 0)];
  const rowsOf = (chunk: number): readonly [number, number] => [chunk * CHUNK_ROWS, Math.min(rows, (chunk + 1) * CHUNK_ROWS)];
  return {
    chunks,
    rowsOf,
    async read(chunk) {
      const file = `/c/${coordinates(chunk).join("/")}` as const;
      if (!(await store.get(file))) return undefined;
      const [first, last] = rowsOf(chunk);
      const found = await array.getChunk(coordinates(chunk)).catch(() => undefined);
      if (found?.data.length === CHUNK_ROWS * size) return found.data.subarray(0, (last - first) * size);
      // Writing a part of a chunk reads the rest of it, so a damaged one must be gone.
      await rm(join(path, file));
      return undefined;
    },
    async write(chunk, values) {
      const [first, last] = rowsOf(chunk);
      await zarr.set(array, [zarr.slice(first, last), ...itemShape.map(() => null)], {
        data: values,
        shape: [last - first, ...itemShape],
        stride: stridesOf([last - first, ...itemShape]),
      });
    },
  };
}

type FloatArray = zarr.Array<"float32", zarr.AsyncMutable>;

const codecs = [
  { name: "bytes", configuration: { endian: "little" } },
  { name: "gzip", configuration: { level: 6 } },
];

/** The array as it is on disk; undefined where there is none, or one that is damaged or of another shape. */
async function openExisting(store: zarr.AsyncMutable, shape: readonly number[]): Promise<FloatArray | undefined> {
  const array = await zarr.open.v3(store, { kind: "array" }).catch(() => undefined);
  return array?.dtype === "float32" && array.shape.join() === shape.join() ? (array as FloatArray) : undefined;
}

async function createAnew(store: zarr.AsyncMutable, path: string, rows: number, itemShape: readonly number[]): Promise<FloatArray> {
  await rm(path, { recursive: true, force: true });
  return zarr.create(store, {
    shape: [rows, ...itemShape],
    chunkShape: [CHUNK_ROWS, ...itemShape],
    dtype: "float32",
    fillValue: 0,
    codecs,
  });
}

function fileStore(root: string): zarr.AsyncMutable {
  return {
    async get(key) {
      try {
        return await readFile(join(root, key));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    set: (key, value) => writeFile(join(root, key), value),
  };
}

function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, i) => sizeOf(shape.slice(i + 1)));
}

async function pipe(bytes: Uint8Array, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const result = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(stream as unknown as TransformStream<Uint8Array, Uint8Array>);
  return new Uint8Array(await new Response(result as unknown as ReadableStream).arrayBuffer());
}
