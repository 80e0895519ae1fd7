// The worker thread of the loaders: decodes and transforms single images. It may be given many tasks, so that it never waits for the thread that
// hands them out.

import { setImmediate as nextTurn } from "node:timers/promises";
import { move } from "piscina";
import type { ImageFacts } from "../dataset/items.ts";
import type { Failure, ImageFile } from "./image-file.ts";
import { type Inspection, inspectHere } from "./inspect.ts";
import { IN_HAND, limiter } from "./limiter.ts";
import { type LoadTask, loadHere } from "./load-task.ts";
import { scanHere } from "./scan-file.ts";
import { type ShrinkTask, type Shrunk, shrinkHere } from "./shrink.ts";

const limited = limiter(IN_HAND);

/** Does `work` in a turn of the event loop that begins with it: between turns the memory of decoded images is freed, and a port hands over up to a
 * thousand tasks in one. */
const gate = <Result>(work: () => Promise<Result>): Promise<Result> =>
  limited(async () => {
    await nextTurn();
    return work();
  });

export const inspect = (file: ImageFile): Promise<Inspection | Failure> => gate(() => inspectHere(file));
export const scan = (file: ImageFile): Promise<ImageFacts | Failure> => gate(() => scanHere(file));
export const shrink = (task: ShrinkTask): Promise<Shrunk | Failure> => gate(() => shrinkHere(task));

/** Pixels [size, size, channels] of one image. */
export const load = (task: LoadTask): Promise<Uint8Array | Failure> =>
  gate(async () => {
    const result = await loadHere(task);
    return "error" in result ? result : (move(result) as Uint8Array);
  });
