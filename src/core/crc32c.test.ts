import { expect, test } from "vitest";
import { crc32c as inBrowser } from "./crc32c.browser.ts";
import { crc32c as inNode } from "./crc32c.node.ts";
import { randomStream } from "./random.ts";

test.each([
  ["Node", inNode],
  ["a browser", inBrowser],
])("in %s it is that of the CRC catalogue", (_, crc32c) => {
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

test.each([1, 255, 4099])("%i bytes have the same on both", (length) => {
  const random = randomStream("crc32c", length);
  const bytes = Uint8Array.from({ length }, () => random.integer(0, 255));
  expect(inBrowser(bytes)).toBe(inNode(bytes));
});
