// Pixels kept in memory, where there is no file for them.

import { hasChance, type TransformSpec } from "../augment/transforms.ts";
import { bytesOfPixels, isSameTransform, type KeptPixels } from "../dataset/kept-pixels.ts";

/** The most bytes: 1,160 photographs of 192 pixels. */
const MOST = 128e6;

export class PixelMemory implements KeptPixels {
  #spec: TransformSpec | undefined;
  /** Bytes that may still be taken. */
  #room: number;
  readonly #pixels = new Map<string, Uint8Array>();

  /** Takes at most `most` bytes. */
  constructor(most = MOST) {
    this.#room = most;
  }

  /** From now on the pixels of `spec`, which has no chance, are wanted. */
  async begin(spec: TransformSpec): Promise<void> {
    if (!hasChance(spec)) this.#spec ??= spec;
  }

  get wanted(): TransformSpec | undefined {
    return this.#spec && bytesOfPixels(this.#spec) <= this.#room ? this.#spec : undefined;
  }

  async keep(hash: string, pixels: Uint8Array): Promise<void> {
    if (!this.#spec || this.#pixels.has(hash) || pixels.length > this.#room) return;
    this.#room -= pixels.length;
    this.#pixels.set(hash, pixels);
  }

  async read(hash: string, spec: TransformSpec, into: Uint8Array): Promise<boolean> {
    const kept = isSameTransform(spec, this.#spec) ? this.#pixels.get(hash) : undefined;
    if (kept) into.set(kept);
    return kept !== undefined;
  }

  /** Forgets them. */
  async close(): Promise<void> {
    this.#spec = undefined;
    this.#pixels.clear();
  }
}
