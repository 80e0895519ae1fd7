import { expect, test } from "vitest";
import { randomStream } from "./random.ts";
import { sha256 as inBrowser } from "./sha256.browser.ts";
import { sha256 as inNode } from "./sha256.node.ts";

test.each([
  ["Node", inNode],
  ["a browser", inBrowser],
])("in %s it is that of FIPS 180-2", (_, sha256) => {
  expect(sha256(["abc"])).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(sha256([])).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test.each([1, 64, 4099])("%i bytes and texts have the same on both", (length) => {
  const random = randomStream("sha256", length);
  const bytes = Uint8Array.from({ length }, () => random.integer(0, 255));
  const pieces = [bytes, "Bär 🐻", "", "half a surrogate \ud800", bytes.subarray(1)];
  expect(inBrowser(pieces)).toBe(inNode(pieces));
});
