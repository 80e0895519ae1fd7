// The worker of an instance of the engine: opens the model that it is sent, and runs it.

import type { Session } from "../engine.ts";
import { WASM } from "../wasm-build.browser.ts";
import { openWasm } from "../wasm-session.ts";
import { buffersOf, type FromInstance, messageOf, type ToInstance } from "./messages.ts";

// As in engine.browser.ts, the parts of the worker that are used here.
const worker = globalThis as unknown as {
  postMessage(message: FromInstance, transfer: readonly ArrayBufferLike[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: ToInstance }) => void): void;
};

let session: Promise<Session>;

async function obey(message: ToInstance): Promise<void> {
  if ("model" in message) {
    session = openWasm(WASM, message.model, { device: "wasm", threads: message.threads });
    await session;
    return;
  }
  const results = await (await session).run(message.feeds);
  worker.postMessage({ id: message.id, results }, buffersOf(results));
}

worker.addEventListener("message", ({ data }) => {
  obey(data).catch((error: unknown) => worker.postMessage({ error: messageOf(error) }, []));
});
