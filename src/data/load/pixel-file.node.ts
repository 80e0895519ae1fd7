// Pixels kept on the disk, in a file without a name: however the process ends, the system deletes it. What is read again soon stays in the
// system's memory, and does not count as the process's.

import { type FileHandle, open } from "node:fs/promises";
import { freeSpace } from "../../core/disk-space.node.ts";
import { ensureFolder } from "../../core/files.node.ts";
import { withTemporary } from "../../core/temporary.node.ts";
import { hasChance, type TransformSpec } from "../augment/transforms.ts";
import { bytesOfPixels, isSameTransform, type KeptPixels } from "../dataset/kept-pixels.ts";

/** The most bytes of a file, and the part of the disk's free space that it may take: activations need it more. */
const [MOST, SHARE] = [1e9, 0.05];

export class PixelFile implements KeptPixels {
  readonly #folder: string;
  readonly #most: number;
  #file: FileHandle | undefined;
  #spec: TransformSpec | undefined;
  /** Bytes that may be taken, and bytes that are. */
  #room = 0;
  #end = 0;
  /** Where the pixels begin, by hash; undefined until they are written. */
  readonly #places = new Map<string, number | undefined>();

  readonly #free: typeof freeSpace;

  /** A file on the disk of `folder` that takes at most `most` bytes, and of the bytes that are `free` there a share. It is made by `begin`. */
  constructor(folder: string, most = MOST, free = freeSpace) {
    this.#folder = folder;
    this.#most = most;
    this.#free = free;
  }

  /** From now on the pixels of `spec`, which has no chance, are wanted. */
  async begin(spec: TransformSpec): Promise<void> {
    if (this.#file || hasChance(spec)) return;
    try {
      await ensureFolder(this.#folder);
      this.#room = Math.min(this.#most, SHARE * ((await this.#free(this.#folder)) ?? 0));
      // Its name is deleted as soon as it is open.
      this.#file = await withTemporary(this.#folder, (path) => open(path, "wx+", 0o600));
      this.#spec = spec;
    } catch {
      // Nothing is kept where nothing can be written.
    }
  }

  get wanted(): TransformSpec | undefined {
    const spec = this.#file && this.#spec;
    return spec && this.#end + bytesOfPixels(spec) <= this.#room ? spec : undefined;
  }

  async keep(hash: string, pixels: Uint8Array): Promise<void> {
    if (!this.#file || this.#places.has(hash) || this.#end + pixels.length > this.#room) return;
    const at = this.#end;
    this.#end += pixels.length;
    this.#places.set(hash, undefined);
    try {
      const { bytesWritten } = await this.#file.write(pixels, 0, pixels.length, at);
      if (bytesWritten === pixels.length) this.#places.set(hash, at);
    } catch {
      // On a full disk, what was kept makes room for others.
      await this.close();
    }
  }

  async read(hash: string, spec: TransformSpec, into: Uint8Array): Promise<boolean> {
    const at = this.#places.get(hash);
    if (at === undefined || !this.#file || !isSameTransform(spec, this.#spec)) return false;
    try {
      return (await this.#file.read(into, 0, into.length, at)).bytesRead === into.length;
    } catch {
      return false;
    }
  }

  /** Deletes the file. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
  }
}
