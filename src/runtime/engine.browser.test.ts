import { afterEach, expect, test, vi } from "vitest";
import { engine } from "./engine.browser.ts";

afterEach(() => vi.unstubAllGlobals());

test("a page that is not cross-origin isolated is told what gives it threads", () => {
  vi.stubGlobal("crossOriginIsolated", false);
  const { message, hint } = engine.missingThreads()!;
  expect(message).toBe("This page is not cross-origin isolated, so WebAssembly trains and predicts on one core");
  expect(hint).toContain("Cross-Origin-Opener-Policy: same-origin");
  expect(hint).toContain("Cross-Origin-Embedder-Policy: require-corp");
});

test("a page that is cross-origin isolated lacks nothing", () => {
  vi.stubGlobal("crossOriginIsolated", true);
  expect(engine.missingThreads()).toBeUndefined();
});
