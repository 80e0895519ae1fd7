// What a page and its instances of the engine say to each other.

import type { Tensor } from "../../core/tensor.ts";
import type { Tensors } from "../engine.ts";

/** First the model, then what it is run on. */
export type ToInstance = { readonly model: Uint8Array; readonly threads: number } | { readonly id: number; readonly feeds: Tensors };

/** What became of a run, or why there are no more. */
export type FromInstance = { readonly id: number; readonly results: Record<string, Tensor> } | { readonly error: string };

/** The memory of `tensors`, which moves with a message. */
export function buffersOf(tensors: Tensors): ArrayBufferLike[] {
  return Object.values(tensors).map(({ data }) => data.buffer);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
