import { expect, test } from "vitest";
import { fromBase64, toBase64 } from "./base64.ts";

test.each([0, 1, 2, 3, 4096, 10_000])("%i bytes are encoded as in Node, and decoded again", (length) => {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) & 255);
  expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
  expect(fromBase64(toBase64(bytes))).toEqual(bytes);
});
