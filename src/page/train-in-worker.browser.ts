// Trains in a worker of thaw's own, so that the page stays free to draw.

import type { FileTree } from "../data/files/file-tree.ts";
import type { DoneEvent } from "../recipe/events.ts";
import { askTree, receivedError, sentError, type ToPage, type ToWorker, type WorkerTrainOptions } from "./messages.ts";
import { questionsOf } from "./remote-tree.ts";

/** A worker that has loaded "thaw/worker": of the DOM's Worker, what is needed here. */
export interface TrainingWorker {
  postMessage(message: unknown): void;
  addEventListener(type: string, listener: (event: never) => void): void;
  terminate(): void;
}

declare const Worker: new (address: URL, options: { readonly type: "module"; readonly name: string }) => TrainingWorker;

/**
 * Runs the recipe as `train` does, in a worker that ends with the run: reading photographs, the network and its gradients take no time of the
 * page. An aborted signal ends it within a training step and throws; what was computed is kept, and `resume: true` goes on to the same bits,
 * also after the tab was closed. `worker` is for bundlers that do not find thaw's own by its address: one that has loaded "thaw/worker".
 */
export function trainInWorker(options: WorkerTrainOptions, worker: TrainingWorker = openWorker()): Promise<DoneEvent> {
  const { folder, signal, onEvent, ...rest } = options;
  const send = (message: ToWorker): void => worker.postMessage(message);
  const abort = (): void => send({ kind: "abort", reason: sentError(signal?.reason) });
  const ended = new Promise<DoneEvent>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: { readonly data: ToPage }) => {
      if (data.kind === "event") onEvent?.(data.event);
      else if (data.kind === "done") resolve(data.event);
      else if (data.kind === "failed") reject(signal?.aborted ? signal.reason : receivedError(data.error));
      else void answer(folder as FileTree, data, send);
    });
    worker.addEventListener("error", ({ message }: { readonly message?: string }) =>
      reject(new Error(`thaw's worker ended${message ? `: ${message}` : ", or its file could not be loaded"}`)),
    );
    signal?.addEventListener("abort", abort, { once: true });
    const place = typeof folder === "string" ? folder : { path: folder.path, asks: questionsOf(folder) };
    send({ kind: "train", options: rest, folder: place });
    if (signal?.aborted) abort();
  });
  return ended.finally(() => {
    signal?.removeEventListener("abort", abort);
    worker.terminate();
  });
}

function openWorker(): TrainingWorker {
  // Bundlers look for exactly this.
  return new Worker(new URL("./worker.browser.js", import.meta.url), { type: "module", name: "thaw" });
}

/** Answers a question of the worker about the page's photographs. */
async function answer(
  tree: FileTree,
  { id, question, name }: Extract<ToPage, { kind: "ask" }>,
  send: (message: ToWorker) => void,
): Promise<void> {
  try {
    send({ kind: "answer", id, value: await askTree(tree, question, name) });
  } catch (error) {
    send({ kind: "refusal", id, error: sentError(error) });
  }
}
