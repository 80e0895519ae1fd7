// The features of all photographs in memory, found by the photographs' numbers.

import type { Tensor } from "../../core/tensor.ts";
import type { PhotoId } from "../protocol/photographs.ts";
import type { FeatureBlock } from "./features.ts";

/** Rows of features; a photograph has one, or none yet. */
export class FeatureBank {
  readonly width: number;
  #values: Float32Array;
  #photographs: PhotoId[] = [];
  readonly #rows = new Map<PhotoId, number>();

  constructor(width: number, expected: number) {
    this.width = width;
    this.#values = new Float32Array(expected * width);
  }

  /** The photographs that have a row, in the order of the rows. */
  get photographs(): readonly PhotoId[] {
    return this.#photographs;
  }

  has(id: PhotoId): boolean {
    return this.#rows.has(id);
  }

  add({ ids, values }: FeatureBlock): void {
    const before = this.#photographs.length;
    const wanted = (before + ids.length) * this.width;
    if (wanted > this.#values.length) {
      const more = new Float32Array(Math.max(wanted, Math.ceil(this.#values.length * 1.5)));
      more.set(this.#values);
      this.#values = more;
    }
    this.#values.set(values, before * this.width);
    for (const [i, id] of ids.entries()) this.#rows.set(id, before + i);
    this.#photographs.push(...ids);
  }

  /** The rows of photographs, which must have them: [ids, width]. */
  gather(ids: readonly PhotoId[]): Tensor<"float32"> {
    const data = new Float32Array(ids.length * this.width);
    for (const [i, id] of ids.entries()) {
      const start = (this.#rows.get(id) as number) * this.width;
      data.set(this.#values.subarray(start, start + this.width), i * this.width);
    }
    return { type: "float32", shape: [ids.length, this.width], data };
  }

  /** Rows `start` to `end` as they lie: a view, which the next `add` may make stale. */
  slice(start: number, end: number): Tensor<"float32"> {
    const data = this.#values.subarray(start * this.width, end * this.width);
    return { type: "float32", shape: [end - start, this.width], data };
  }
}
