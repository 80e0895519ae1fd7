import { expect, test } from "vitest";
import { byteSize } from "./byte-size.ts";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1000, "1.0 kB"],
  [9949, "9.9 kB"],
  [9951, "10 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [4_250_000_000, "4.3 GB"],
  [7.2e18, "7200 PB"],
])("%d bytes are %s", (bytes, text) => expect(byteSize(bytes)).toBe(text));
