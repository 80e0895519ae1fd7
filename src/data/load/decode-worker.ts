// The worker thread of the loaders: decodes and transforms single images. A file that cannot be read is an answer, not a crash.

import { createHash } from "node:crypto";
import { move } from "piscina";
import { decoder } from "#decode";
import type { ImageFacts } from "../items.ts";
import { asFailure, type Failure, type LoadTask, loadHere } from "./load-task.ts";

export { inspect } from "./inspect.ts";
export { shrink } from "./shrink.ts";

/** Pixels [size, size, channels] of one image. */
export async function load(task: LoadTask): Promise<Uint8Array | Failure> {
  const result = await loadHere(task);
  return "error" in result ? result : (move(result) as Uint8Array);
}

/** Decodes an image once, to know that it can be, and takes its hash. */
export async function scan(file: string): Promise<ImageFacts | Failure> {
  try {
    const bytes = await decoder.read(file);
    const { width, height } = await decoder.decode(bytes);
    return { hash: createHash("sha256").update(bytes).digest("hex"), width, height };
  } catch (error) {
    return asFailure(error);
  }
}
