// The checksums of an entry's chunks by their places: a chunk ends with its own, which says that it is whole, and this list that it is the
// chunk of this place and entry. Other readers of Zarr do not see it.

import type { Store } from "../../../core/store/store.ts";

/** Its name in an entry. */
export const SUMS = "chunks.crc32c";

/** The checksum at the end of a stored chunk. */
function sumOf(chunk: Uint8Array): number | undefined {
  return chunk.length < 4 ? undefined : new DataView(chunk.buffer, chunk.byteOffset).getUint32(chunk.length - 4, true);
}

export interface ChunkSums {
  /** Whether the list has a chunk of this number. */
  has(chunk: number): boolean;
  /** Whether `bytes` end with the checksum of this chunk. */
  match(chunk: number, bytes: Uint8Array): boolean;
  /**
   * Puts the checksum of `bytes` on the list. A chunk is stored after it: a process that is killed between the two leaves a chunk that is
   * missing or does not match, never one that is not on the list.
   */
  add(chunk: number, bytes: Uint8Array): Promise<void>;
}

/**
 * The list of an entry with `chunks` chunks, as all who write to it made it; empty if there is none that can be read. Processes that write to the
 * same entry at once give a `writer` of their own, so that none undoes what another puts on the list.
 */
export async function openSums(cache: Store, prefix: string, chunks: number, writer?: string): Promise<ChunkSums> {
  const key = writer === undefined ? prefix + SUMS : `${prefix}${SUMS}.${writer}`;
  const list = new DataView(new ArrayBuffer(4 * chunks));
  /** Takes what the stored list has and this one lacks, such as another process's chunks. */
  const merge = async (from: string): Promise<void> => {
    const stored = await cache.get(from).catch(() => undefined);
    if (stored?.length !== list.byteLength) return;
    const found = new DataView(stored.buffer, stored.byteOffset, stored.length);
    for (let i = 0; i < list.byteLength; i += 4) if (list.getUint32(i) === 0) list.setUint32(i, found.getUint32(i));
  };
  for (const { key: each } of await cache.list(prefix + SUMS)) await merge(each);
  // 0 is none: a chunk that happens to have it is computed again.
  const at = (chunk: number): number => (chunk < chunks ? list.getUint32(4 * chunk, true) : 0);
  return {
    has: (chunk) => at(chunk) !== 0,
    match: (chunk, bytes) => at(chunk) !== 0 && at(chunk) === sumOf(bytes),
    async add(chunk, bytes) {
      const sum = sumOf(bytes) ?? 0;
      if (at(chunk) === sum) return;
      await merge(key);
      list.setUint32(4 * chunk, sum, true);
      await cache.put(key, new Uint8Array(list.buffer.slice(0)));
    },
  };
}
