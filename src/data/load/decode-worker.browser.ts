// The worker of the loaders in a browser: decodes and transforms single images, so that the page stays free to draw.

import { inspectHere } from "./inspect.ts";
import { IN_HAND, limiter } from "./limiter.ts";
import { loadHere } from "./load-task.ts";
import type { FromWorker, ToWorker } from "./pool.browser.ts";
import { scanHere } from "./scan-file.ts";

// As in decode.browser.ts, the parts of the worker that are needed here.
const worker = globalThis as unknown as {
  postMessage(message: FromWorker, transfer: readonly ArrayBufferLike[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: ToWorker }) => void): void;
};

const work = { load: loadHere, scan: scanHere, inspect: inspectHere } as Readonly<Record<string, (task: unknown) => Promise<unknown>>>;
/** It may be given many tasks, so that it never waits for the thread that hands them out. */
const gate = limiter(IN_HAND);

worker.addEventListener("message", ({ data: { id, name, task } }) => {
  gate(() => work[name]!(task)).then(
    (result) => worker.postMessage({ id, result }, pixelsIn(result)),
    (error: unknown) => worker.postMessage({ id, error: error instanceof Error ? error.message : String(error) }, []),
  );
});
/** The memory of the pixels in a result, which need not be copied. */
function pixelsIn(result: unknown): readonly ArrayBufferLike[] {
  const pixels = result instanceof Uint8Array ? result : (result as { readonly pixels?: Uint8Array }).pixels;
  return pixels ? [pixels.buffer] : [];
}

// Until then, whoever waits cannot know whether the worker could be loaded.
worker.postMessage({ ready: true }, []);
