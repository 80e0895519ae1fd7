import { expect, onTestFinished, test, vi } from "vitest";
import type { StudioEvent } from "../protocol/engine.ts";
import { remoteEngine } from "./remote-engine.browser.ts";

test("a page is told that it has no connection also if it never had one, and when it has", () => {
  vi.useFakeTimers();
  const sockets: { onopen?: () => void; onclose?: () => void; close: () => void }[] = [];
  vi.stubGlobal("location", { origin: "http://127.0.0.1:1" });
  vi.stubGlobal(
    "WebSocket",
    class {
      constructor() {
        sockets.push(this);
      }
      close(): void {}
    },
  );
  onTestFinished(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  const events: StudioEvent[] = [];
  const end = remoteEngine().listen((event) => events.push(event));
  sockets[0]?.onclose?.();
  expect(events).toEqual([{ event: "connection", connected: false }]);
  vi.advanceTimersByTime(2000);
  expect(sockets).toHaveLength(2);
  sockets[1]?.onopen?.();
  expect(events.at(-1)).toEqual({ event: "connection", connected: true });
  end();
});
