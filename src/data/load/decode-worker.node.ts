// The worker thread of the loaders: decodes and transforms single images. It may be given many tasks, so that it never waits for the thread that
// hands them out.

import { setImmediate as nextTurn } from "node:timers/promises";
import { move, transferableSymbol, valueSymbol } from "piscina";
import type { Failure, ImageFile } from "./image-file.ts";
import { type Inspection, inspectHere } from "./inspect.ts";
import { IN_HAND, limiter } from "./limiter.ts";
import { type LoadTask, loadHere } from "./load-task.ts";
import { type Scanned, type ScanTask, scanHere } from "./scan-file.ts";
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
export const shrink = (task: ShrinkTask): Promise<Shrunk | Failure> => gate(() => shrinkHere(task));

export const scan = (task: ScanTask): Promise<Scanned | Failure> =>
  gate(async () => {
    const result = await scanHere(task);
    if ("error" in result || !result.pixels) return result;
    return move({ [valueSymbol]: result, [transferableSymbol]: result.pixels.buffer }) as unknown as Scanned;
  });

/** Pixels [size, size, channels] of one image. */
export const load = (task: LoadTask): Promise<Uint8Array | Failure> =>
  gate(async () => {
    const result = await loadHere(task);
    return "error" in result ? result : (move(result) as Uint8Array);
  });
