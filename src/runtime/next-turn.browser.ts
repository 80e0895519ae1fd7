// Turns of the event loop between runs of WebAssembly: each holds up its thread to its end, and a chain of them holds up whatever waits, such as
// frames of a page, or the message that asks a worker to stop.

import type { Session } from "./engine.ts";

// As in engine.browser.ts, the parts of the platform that are used here.
interface Port {
  onmessage: (() => void) | null;
  postMessage(message: undefined): void;
}
const { port1, port2 } = new (
  globalThis as unknown as { MessageChannel: new () => { readonly port1: Port; readonly port2: Port } }
).MessageChannel();
const waiting: (() => void)[] = [];
// A message comes sooner than a timeout, which browsers hold back.
port1.onmessage = () => waiting.shift()?.();

/** Resolves when what waits for this thread has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(undefined);
  });
}

/** `session`, with a turn after each run. */
export function withTurns(session: Session): Session {
  return {
    ...session,
    async run(feeds, into) {
      const results = await session.run(feeds, into);
      await nextTurn();
      return results;
    },
  };
}
