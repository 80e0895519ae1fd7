// Large pictures in small files: at their own size as far as the memory for it is allowed, then smaller, then refused by name.

import sharp from "sharp";
import { expect, test } from "vitest";
import { decoder } from "#decode";
import { ORANGE } from "../../../test/pictures.ts";

/** `width` by `height` pixels of one colour, in very few bytes. */
const flat = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: ORANGE } });

test("24 million pixels of one colour in a small file are decoded at their own size", { timeout: 120_000 }, async () => {
  const photograph = () => flat(6000, 4000);
  const files = [photograph().jpeg(), photograph().jpeg({ progressive: true }), photograph().png(), photograph().gif()];
  for (const made of [...files, photograph().webp(), photograph().webp({ lossless: true }), photograph().tiff({ compression: "lzw" })]) {
    const { width, height, data } = await decoder.decode(await made.toBuffer());
    expect([width, height]).toEqual([6000, 4000]);
    expect(Math.abs(data.at(-3)! - ORANGE.r)).toBeLessThanOrEqual(2);
  }
});

test("an AVIF of 12 million pixels is decoded, and one of 24 million in a small file refused", { timeout: 120_000 }, async () => {
  const phone = await flat(4000, 3000).avif({ effort: 0 }).toBuffer();
  expect(await decoder.decode(phone)).toMatchObject({ width: 4000, height: 3000 });
  const size = phone.indexOf("ispe");
  phone.writeUInt32BE(6000, size + 8);
  phone.writeUInt32BE(4000, size + 12);
  await expect(decoder.decode(phone)).rejects.toThrow(
    "too large: 6000 × 4000 pixels take 468 MB to decode, where a file of its length may take 256 MB",
  );
});

test("what would take more memory than its length allows is decoded at a smaller size", { timeout: 120_000 }, async () => {
  const huge = () => flat(9000, 8000);
  for (const made of [
    huge().jpeg(),
    huge().withMetadata({ orientation: 6 }).jpeg(),
    huge().webp(),
    huge().png(),
    huge().tiff({ compression: "lzw" }),
  ]) {
    const { width, height, data } = await decoder.decode(await made.toBuffer());
    expect(Math.max(width, height)).toBe(4500);
    expect(Math.abs(data[0]! - ORANGE.r)).toBeLessThanOrEqual(2);
  }
});
