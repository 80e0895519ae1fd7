// Activations in a store: a Zarr v3 array in chunks with a checksum, each a value that is put whole or not at all, so that a killed run
// resumes where it stopped and two runs may write at once. They are not compressed: a row can be read without the rest of its chunk.

import type { AsyncMutable, CodecMetadata } from "zarrita";
import { crc32c } from "#crc32c";
import type { Store } from "../../../core/store/store.ts";
import { sizeOf } from "../../../core/tensor.ts";
import { METADATA } from "./entry.ts";
import { openSums } from "./sums.ts";

/** Most rows and bytes of a chunk: what a killed run loses, and what is read at once. One row may have more bytes. */
const [MOST_ROWS, MOST_BYTES] = [256, 2 ** 22];

/** The crc32c codec of the Zarr v3 specification, which zarrita neither writes nor checks. */
const checksum = {
  kind: "bytes_to_bytes" as const,
  encode(bytes: Uint8Array): Uint8Array {
    const result = new Uint8Array(bytes.length + 4);
    result.set(bytes);
    new DataView(result.buffer).setUint32(bytes.length, crc32c(bytes), true);
    return result;
  },
  decode(bytes: Uint8Array): Uint8Array {
    const end = bytes.length - 4;
    const found = end < 0 ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getUint32(end, true);
    if (found !== crc32c(bytes.subarray(0, Math.max(0, end)))) throw new Error("The checksum of a chunk is wrong");
    return bytes.subarray(0, end);
  },
};

async function loadZarr(): Promise<typeof import("./zarrita.ts")> {
  const zarr = await import("./zarrita.ts");
  zarr.registry.set("crc32c", async () => ({ fromConfig: () => checksum }) as never);
  return zarr;
}

export interface ActivationStore {
  readonly chunks: number;
  /** A power of two. */
  readonly chunkRows: number;
  /** The rows [first, last) of a chunk. */
  rowsOf(chunk: number): readonly [number, number];
  /** The chunks that have a value, whatever is in it, and a checksum on the list. */
  present(): Promise<ReadonlySet<number>>;
  /** A chunk's values; undefined if it is missing, damaged, or the chunk of another place. */
  read(chunk: number): Promise<Float32Array | undefined>;
  /** Reads one row, unchecked, into `row`; false if it is missing. */
  readRow(index: number, row: Float32Array): boolean | Promise<boolean>;
  write(chunk: number, values: Float32Array): Promise<void>;
}

/** Rows of a chunk, a power of two, for `rows` of `itemShape`: no more than hold them all. */
function chunkRowsOf(rows: number, itemShape: readonly number[]): number {
  const most = Math.min(MOST_ROWS, Math.max(1, MOST_BYTES / (4 * sizeOf(itemShape))));
  return 2 ** Math.min(Math.floor(Math.log2(most)), Math.ceil(Math.log2(Math.max(1, rows))));
}

/** The pattern of the chunks' names; their number is its first group. */
export function chunkName(itemShape: readonly number[]): RegExp {
  return new RegExp(`^c\\.(\\d+)${"\\.0".repeat(itemShape.length)}$`);
}

/**
 * Opens the array under `prefix`, or starts it: `rows` items of `itemShape` in float32; `sharer` tells processes apart that write to it at once.
 * Throws a UsageError if it cannot be written.
 */
export async function openActivationStore(
  cache: Store,
  prefix: string,
  rows: number,
  itemShape: readonly number[],
  attributes: Readonly<Record<string, unknown>>,
  sharer?: string,
): Promise<ActivationStore> {
  const [size, chunkRows] = [sizeOf(itemShape), chunkRowsOf(rows, itemShape)];
  const chunks = Math.ceil(rows / chunkRows);
  const zarr = await loadZarr();
  const sums = await openSums(cache, prefix, chunks, sharer);
  const numberOf = (path: string): number | undefined => {
    const [, number] = chunkName(itemShape).exec(path.slice(1)) ?? [];
    return number === undefined ? undefined : Number(number);
  };
  const writer = await zarr.create(
    writerTo(cache, prefix, async (path, value) => {
      const chunk = numberOf(path);
      if (chunk !== undefined) await sums.add(chunk, value);
    }),
    {
      shape: [rows, ...itemShape],
      chunkShape: [chunkRows, ...itemShape],
      chunkSeparator: ".",
      dtype: "float32",
      // Missing rows must not look like values to other programs.
      fillValue: Number.NaN,
      codecs: [{ name: "bytes", configuration: { endian: "little" } }, { name: "crc32c" }] as CodecMetadata[],
      attributes,
    },
  );
  const get = async (path: string): Promise<Uint8Array> => {
    const bytes = await read(cache, prefix, path);
    const chunk = numberOf(path);
    if (chunk !== undefined && !sums.match(chunk, bytes)) throw new Error(`${path} is another chunk`);
    return bytes;
  };
  const reader = await zarr.open.v3({ get }, { kind: "array" });
  const rowsOf = (chunk: number): readonly [number, number] => [chunk * chunkRows, Math.min(rows, (chunk + 1) * chunkRows)];
  const zeros = ".0".repeat(itemShape.length);
  return {
    chunks,
    chunkRows,
    rowsOf,
    async present() {
      const stored = await presentChunks(cache, prefix, itemShape);
      return new Set([...stored].filter((chunk) => sums.has(chunk)));
    },
    async read(chunk) {
      const [first, last] = rowsOf(chunk);
      const found = await reader.getChunk([chunk, ...itemShape.map(() => 0)]).catch(() => undefined);
      return found?.data.length === chunkRows * size ? (found.data as Float32Array).subarray(0, (last - first) * size) : undefined;
    },
    readRow(index, row) {
      const key = `${prefix}c.${Math.floor(index / chunkRows)}${zeros}`;
      const start = (index % chunkRows) * row.byteLength;
      return cache.readSync ? cache.readSync(key, start, row) : readInto(cache, key, start, row);
    },
    async write(chunk, values) {
      const [first, last] = rowsOf(chunk);
      const shape = [last - first, ...itemShape];
      const stride = shape.map((_, i) => sizeOf(shape.slice(i + 1)));
      await zarr.set(writer, [zarr.slice(first, last), ...itemShape.map(() => null)], { data: values, shape, stride });
    },
  };
}

/** Fills `row` with the bytes from `start`; false if there are not as many. */
async function readInto(cache: Store, key: string, start: number, row: Float32Array): Promise<boolean> {
  const bytes = await cache.getRange(key, start, row.byteLength);
  if (bytes?.length !== row.byteLength) return false;
  new Uint8Array(row.buffer, row.byteOffset, row.byteLength).set(bytes);
  return true;
}

/** The chunks that have a value. */
async function presentChunks(cache: Store, prefix: string, itemShape: readonly number[]): Promise<ReadonlySet<number>> {
  const pattern = chunkName(itemShape);
  const names = (await cache.list(`${prefix}c.`)).map(({ key }) => pattern.exec(key.slice(prefix.length)));
  return new Set(names.flatMap((match) => (match ? [Number(match[1])] : [])));
}

/** A value of the array; to zarrita one that is not there would be an array of its fill value. */
async function read(cache: Store, prefix: string, path: string): Promise<Uint8Array> {
  const bytes = await cache.get(keyAt(prefix, path));
  if (!bytes) throw new Error(`There is no ${path}`);
  return bytes;
}

/**
 * Values under `prefix`; `before` is awaited before each is written. A write replaces all there is of its value, so none has to be read
 * first.
 */
function writerTo(cache: Store, prefix: string, before: (path: string, value: Uint8Array) => Promise<void>): AsyncMutable {
  return {
    get: async () => undefined,
    async set(path, value) {
      const key = keyAt(prefix, path);
      try {
        await before(path, value);
        await cache.put(key, value);
      } catch (error) {
        // Existing metadata would only gain the date of their last use: a full disk can still be read.
        if (!key.endsWith(METADATA) || !(await cache.stat(key))) throw error;
      }
    },
  };
}

/** The key of a path of zarrita's, which begins with a slash. */
function keyAt(prefix: string, path: string): string {
  return prefix + path.slice(1);
}
