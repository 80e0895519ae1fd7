// From pixels to the bytes of an image file, the same on every platform as far as formats have no loss.

import { expect, test } from "vitest";
import { decoder } from "#decode";
import { encodeImage, encodeThumbnail } from "#encode";
import { randomStream } from "../../src/core/random.ts";
import { contract } from "./device.ts";

const random = randomStream("encode");
const noise = { width: 7, height: 5, data: Uint8Array.from({ length: 7 * 5 * 3 }, () => random.integer(0, 255)) };
/** One colour, which JPEG gives back but for rounding. */
const plain = { width: 90, height: 60, data: Uint8Array.from({ length: 90 * 60 * 3 }, (_, i) => [200, 100, 50][i % 3]!) };

contract("encoding", () => {
  test.each(["PNG", "BMP"] as const)("a %s holds the pixels as they are", async (format) => {
    const { width, height, data } = await decoder.decode(await encodeImage(noise, format));
    expect({ width, height, data: [...data] }).toEqual({ ...noise, data: [...noise.data] });
  });

  test("a JPEG holds them nearly", async () => {
    const { width, height, data } = await decoder.decode(await encodeImage(plain, "JPEG"));
    expect([width, height]).toEqual([90, 60]);
    expect(Math.max(...data.map((value, i) => Math.abs(value - plain.data[i]!)))).toBeLessThanOrEqual(3);
  });

  test.each([
    [45, 45, 30],
    [500, 90, 60],
  ])("a thumbnail within %i pixels has the sides %i and %i", async (side, width, height) => {
    const decoded = await decoder.decode(await encodeThumbnail(plain, side));
    expect([decoded.width, decoded.height]).toEqual([width, height]);
    expect(Math.max(...decoded.data.map((value, i) => Math.abs(value - plain.data[i % 3]!)))).toBeLessThanOrEqual(3);
  });
});
