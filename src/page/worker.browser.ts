// thaw's worker: runs the recipe for a page, which stays free to draw. The page's side is train-in-worker.browser.ts.

import { folderStore } from "../core/store/folder.browser.ts";
import type { RecipeEvent } from "../recipe/events.ts";
import { train } from "../recipe/train.ts";
import { receivedError, sentError, type ToPage, type ToWorker } from "./messages.ts";
import { remoteTree } from "./remote-tree.ts";

// As in decode.browser.ts, the parts of the worker that are needed here.
const worker = globalThis as unknown as {
  postMessage(message: ToPage): void;
  addEventListener(type: "message", listener: (event: { readonly data: ToWorker }) => void): void;
};

/** Milliseconds between two reports of progress: a page draws no more often than the eye sees. */
const REPORTS = 50;

interface Question {
  answer(value: unknown): void;
  refuse(error: Error): void;
}

const questions = new Map<number, Question>();
const stop = new AbortController();
let asked = 0;

worker.addEventListener("message", ({ data }) => {
  switch (data.kind) {
    case "train":
      void run(data);
      break;
    case "abort":
      stop.abort(receivedError(data.reason));
      break;
    case "answer":
      settle(data.id).answer(data.value);
      break;
    case "refusal":
      settle(data.id).refuse(receivedError(data.error));
      break;
  }
});

async function run({ options, folder }: Extract<ToWorker, { kind: "train" }>): Promise<void> {
  const photographs =
    typeof folder === "string"
      ? folder
      : remoteTree(folder.path, folder.asks, (question, name) => {
          const id = asked++;
          worker.postMessage({ kind: "ask", id, question, name });
          return new Promise((answer, refuse) => questions.set(id, { answer, refuse }));
        });
  try {
    const { out } = options;
    const place = typeof out === "object" ? folderStore(out) : out;
    const event = await train({ ...options, out: place, folder: photographs, signal: stop.signal, onEvent: reporter() });
    worker.postMessage({ kind: "done", event });
  } catch (error) {
    worker.postMessage({ kind: "failed", error: sentError(error) });
  }
}

/** Sends events to the page; of progress only some, and the last of each task. */
function reporter(): (event: RecipeEvent) => void {
  let last = 0;
  return (event) => {
    const now = performance.now();
    if (event.event === "progress" && event.done !== event.total && now - last < REPORTS) return;
    if (event.event === "progress") last = now;
    worker.postMessage({ kind: "event", event });
  };
}

function settle(id: number): Question {
  const question = questions.get(id) as Question;
  questions.delete(id);
  return question;
}
