// What headers say of a picture, and what is missing of it, is found on every platform, before and after its own decoder.

import { expect, test } from "vitest";
import { decoder } from "#decode";
import reference from "../reference/decode.json" with { type: "json" };
import { contract } from "./device.ts";
import expected from "./images.json" with { type: "json" };

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const fromHex = (hex: string): number[] => (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
const find = (bytes: Uint8Array, marker: number): number => bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === marker);
const fileOf = (name: string): Uint8Array => bytesOf(expected.images.find((image) => image.name === name)!.file);

const jpegs: Readonly<Record<string, string>> = reference.jpegs;

contract("decoding", () => {
  test.each([1, 3, 4])("a JPEG of %i components has libjpeg's colours, whatever its header says of them", async (components) => {
    const cases = reference.jpegCases.filter((one) => one.components === components);
    expect(cases.length).toBeGreaterThan(24);
    for (const { ids, segments, pixels } of cases) {
      const bare = bytesOf(jpegs[components]!);
      const [frame, scan] = [find(bare, 0xc0), find(bare, 0xda)];
      for (const [i, id] of ids.entries()) bare[frame + 10 + 3 * i] = bare[scan + 5 + 2 * i] = id;
      const { data, width } = await decoder.decode(Uint8Array.from([...bare.subarray(0, 2), ...fromHex(segments), ...bare.subarray(2)]));
      const colours = [4, 12].flatMap((x) => [...data.subarray(3 * (4 * width + x), 3 * (4 * width + x) + 3)]);
      const distance = Math.max(...colours.map((value, i) => Math.abs(value - pixels.flat()[i]!)));
      expect(distance, JSON.stringify({ ids, segments, colours, pixels })).toBeLessThanOrEqual(2);
    }
  });

  test.each(reference.bmps)("a BMP of $name has Pillow's pixels", async ({ file, pixels }) => {
    const { width, height, data } = await decoder.decode(bytesOf(file));
    expect([width, height]).toEqual([7, 5]);
    expect([...data]).toEqual([...bytesOf(pixels)]);
  });

  test.each(["jpeg", "jpeg, half the colours", "jpeg, progressive", "jpeg, grey", "jpeg, CMYK", "jpeg, lying on its side"])(
    "a %s with the mark of its end but without the last third says so",
    async (name) => {
      const whole = fileOf(name);
      const start = find(whole, 0xda);
      const cut = Uint8Array.from([...whole.subarray(0, start + (whole.length - start) * 0.66), 0xff, 0xd9]);
      await expect(decoder.decode(cut)).rejects.toThrow(/^truncated JPEG: \d+ % of its rows are missing$/);
    },
  );

  test("JPEGs with zeros or a gap between restart markers say so", async () => {
    for (const file of Object.values(reference.restarts)) {
      const whole = bytesOf(file);
      expect(await decoder.decode(whole)).toMatchObject({ width: 64, height: 48 });
      const last = find(whole, 0xd1);
      const gap = Uint8Array.from([...whole.subarray(0, find(whole, 0xd0)), ...whole.subarray(last)]);
      await expect(decoder.decode(gap)).rejects.toThrow(/^(truncated JPEG: .* missing|damaged JPEG)$/);
    }
  });

  test("a GIF with zeros among its codes, and a BMP without its last rows, say so", async () => {
    const gif = fileOf("gif");
    await expect(decoder.decode(gif.fill(0, gif.length / 2, gif.length - 200))).rejects.toThrow(/^truncated GIF/);
    const bmp = bytesOf(reference.bmps.find(({ name }) => name === "24 bits")!.file);
    await expect(decoder.decode(bmp.subarray(0, 54 + 3 * 24))).rejects.toThrow("truncated BMP: 40 % of its rows are missing");
  });

  test("a small file that claims to be a huge picture is refused by its header", async () => {
    const sizes: Readonly<Record<string, number>> = { png: 16, gif: 6, "jpeg, grey": find(fileOf("jpeg, grey"), 0xc0) + 5 };
    for (const [name, at] of Object.entries(sizes)) {
      const file = fileOf(name);
      // Width and height, one after the other, in either order of bytes.
      file.set(name === "png" ? [0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30] : [0x75, 0x75, 0x75, 0x75], at);
      await expect(decoder.decode(file)).rejects.toThrow(/^too large: \d+ × \d+ pixels, where 100 million are the most$/);
    }
  });
});
