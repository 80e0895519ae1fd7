// The pictures of photographs as the page shows them, made when they are asked for, a few at a time, and kept as long as they fit.

import { availableParallelism } from "node:os";
import { UsageError } from "../../core/errors.ts";
import { decoder } from "../../data/decode/decode.node.ts";
import { ImageError } from "../../data/decode/image.ts";
import { previewOf } from "../../data/decode/preview.node.ts";
import { limiter } from "../../data/load/limiter.ts";
import type { PictureSize } from "../protocol/photographs.ts";
import type { ShownPicture } from "../server/served-engine.ts";

const SIDES: Readonly<Record<PictureSize, number>> = { thumbnail: 320, full: 4096 };
/** A picture that is being made, and who waits for it: the signals say who does not any more. */
interface Making {
  readonly bytes: Promise<Uint8Array>;
  readonly waiting: AbortSignal[];
}

/** Bytes of the pictures that are kept. */
const MOST_BYTES = 96_000_000;

export class Pictures {
  readonly #kept = new Map<string, Uint8Array>();
  readonly #making = new Map<string, Making>();
  readonly #gate = limiter(availableParallelism());
  #bytes = 0;

  /** The picture of a file. Throws a UsageError if it cannot be read, and the reason of `signal` if nobody waits for it any more when its turn comes. */
  async of(file: string, size: PictureSize, signal: AbortSignal): Promise<ShownPicture> {
    const key = `${size} ${file}`;
    const known = this.#kept.get(key);
    if (known) {
      // The last used is the last to go.
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return { bytes: known, type: "image/jpeg" };
    }
    const making = this.#making.get(key) ?? this.#make(key, file, SIDES[size]);
    making.waiting.push(signal);
    try {
      return { bytes: await making.bytes, type: "image/jpeg" };
    } catch (error) {
      if (error instanceof ImageError)
        throw new UsageError(`${file} cannot be shown: ${error.message}`, "Replace or delete it.", { cause: error });
      throw error;
    }
  }

  #make(key: string, file: string, side: number): Making {
    const waiting: AbortSignal[] = [];
    const bytes = this.#gate(async () => {
      // Who scrolls on does not wait for it any more.
      if (waiting.every(({ aborted }) => aborted)) waiting[0]?.throwIfAborted();
      const made = await previewOf(await decoder.read(file), side);
      this.#keep(key, made);
      return made;
    }).finally(() => this.#making.delete(key));
    const making = { bytes, waiting };
    this.#making.set(key, making);
    return making;
  }

  #keep(key: string, bytes: Uint8Array): void {
    this.#kept.set(key, bytes);
    this.#bytes += bytes.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#bytes <= MOST_BYTES) return;
      this.#kept.delete(oldest);
      this.#bytes -= length;
    }
  }
}
