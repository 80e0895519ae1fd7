// The worker thread of the loaders: decodes and transforms single images.

import { move } from "piscina";
import type { Failure } from "./image-file.ts";
import { type LoadTask, loadHere } from "./load-task.ts";

export { inspectHere as inspect } from "./inspect.ts";
export { scanHere as scan } from "./scan-file.ts";
export { shrink } from "./shrink.ts";

/** Pixels [size, size, channels] of one image. */
export async function load(task: LoadTask): Promise<Uint8Array | Failure> {
  const result = await loadHere(task);
  return "error" in result ? result : (move(result) as Uint8Array);
}
