// The worker with the session of a page's engine: reading photographs, their features and the head take no time of the page.

import { storage } from "#storage";
import { receivedError, sentError, type TreeQuestion } from "../../page/messages.ts";
import { remoteTree } from "../../page/remote-tree.ts";
import { StudioSession } from "../session/session.ts";
import { type FromSession, type OpenSession, SESSION_CALLS, type ToSession } from "./session-messages.ts";

// As in decode.browser.ts, the parts of the worker that are needed here.
const worker = globalThis as unknown as {
  postMessage(message: FromSession): void;
  addEventListener(type: "message", listener: (event: { readonly data: ToSession }) => void): void;
  readonly navigator: { readonly hardwareConcurrency?: number };
  readonly crypto: { randomUUID(): string };
};

/** Milliseconds between two states that are sent. */
const STATES = 100;

const questions = new Map<number, { answer(value: unknown): void; refuse(error: Error): void }>();
let asked = 0;
let session: StudioSession | undefined;
let told: ReturnType<typeof setTimeout> | undefined;

worker.addEventListener("message", ({ data }) => {
  switch (data.kind) {
    case "open":
      void open(data);
      break;
    case "call":
      void answer(data);
      break;
    case "answer":
      settle(data.id)?.answer(data.value);
      break;
    case "refusal":
      settle(data.id)?.refuse(receivedError(data.error));
      break;
  }
});

async function open({ path, asks, journal, cache }: OpenSession): Promise<void> {
  try {
    session = await StudioSession.open({
      tree: remoteTree(path, asks, ask),
      log: await storage.openLog(journal),
      cache,
      cacheStore: storage.open(cache),
      cores: worker.navigator.hardwareConcurrency ?? 1,
      // Calls name the time, as all do that come from outside.
      now: () => Math.round(performance.timeOrigin + performance.now()),
      newId: () => worker.crypto.randomUUID(),
      onEvent: (event) => (event === "state" ? tellState() : worker.postMessage({ kind: "event", event })),
    });
    worker.postMessage({ kind: "state", state: session.state });
    worker.postMessage({ kind: "opened" });
    session.start();
  } catch (error) {
    worker.postMessage({ kind: "notOpened", error: sentError(error) });
  }
}

async function answer({ id, name, args }: Extract<ToSession, { kind: "call" }>): Promise<void> {
  try {
    const call = SESSION_CALLS[name] as (session: StudioSession, ...args: readonly unknown[]) => unknown;
    const value = await call(session as StudioSession, ...args);
    // What the page learns of a call that it waited for is in the state that it has by then.
    if (session && name !== "close") worker.postMessage({ kind: "state", state: session.state });
    worker.postMessage({ kind: "result", id, value });
  } catch (error) {
    worker.postMessage({ kind: "failed", id, error: sentError(error) });
  }
}

function ask(question: TreeQuestion, name: string): Promise<unknown> {
  const id = asked++;
  worker.postMessage({ kind: "ask", id, question, name });
  return new Promise((answer, refuse) => questions.set(id, { answer, refuse }));
}

function settle(id: number) {
  const question = questions.get(id);
  questions.delete(id);
  return question;
}

function tellState(): void {
  if (told) return;
  told = setTimeout(() => {
    told = undefined;
    if (session) worker.postMessage({ kind: "state", state: session.state });
  }, STATES);
}
