// What headers can ask for, against Pillow's pixels (test/reference/make_decode.py): the colours of a JPEG by every mix of JFIF, Adobe and component
// numbers, and BMPs of every depth.

import sharp from "sharp";
import { expect, test } from "vitest";
import { decoder } from "#decode";
import reference from "../../../test/reference/decode.json" with { type: "json" };

interface JpegCase {
  readonly components: number;
  readonly ids: readonly number[];
  readonly segments: string;
  readonly pixels: readonly (readonly number[])[];
}

const jpegs: Readonly<Record<string, string>> = reference.jpegs;

function fileOf({ components, ids, segments }: JpegCase): Buffer {
  const bare = Buffer.from(jpegs[components]!, "base64");
  const [frame, scan] = [bare.indexOf("ffc0", "hex"), bare.indexOf("ffda", "hex")];
  for (const [i, id] of ids.entries()) bare[frame + 10 + 3 * i] = bare[scan + 5 + 2 * i] = id;
  return Buffer.concat([bare.subarray(0, 2), Buffer.from(segments, "hex"), bare.subarray(2)]);
}

test.each([1, 3, 4])("a JPEG of %i components has libjpeg's colours, whatever its header says of them", async (components) => {
  const cases = (reference.jpegCases as readonly JpegCase[]).filter((one) => one.components === components);
  expect(cases.length).toBeGreaterThan(24);
  for (const one of cases) {
    const { data, width } = await decoder.decode(fileOf(one));
    const colours = [4, 12].map((x) => [...data.subarray(3 * (4 * width + x), 3 * (4 * width + x) + 3)]);
    const distance = Math.max(...colours.flat().map((value, i) => Math.abs(value - one.pixels.flat()[i]!)));
    expect(distance, JSON.stringify({ ...one, colours })).toBeLessThanOrEqual(1);
  }
});

test("the colours of a JPEG whose components are named R, G and B are libjpeg's in all of its scans", async () => {
  const pixels = Uint8Array.from({ length: 32 * 24 * 3 }, (_, i) => [230, 120, 20][i % 3]! - Math.floor(i / 96));
  const bare = await sharp(pixels, { raw: { width: 32, height: 24, channels: 3 } })
    .jpeg({ progressive: true })
    .toBuffer();
  const jfif = Buffer.from("ffe000104a46494600010100000100010000", "hex");
  const whole = Buffer.concat([bare.subarray(0, 2), jfif, bare.subarray(2)]);
  const before = (await decoder.decode(whole)).data;
  const frame = whole.indexOf("ffc2", "hex");
  for (let i = 0; i < 3; i++) whole[frame + 10 + 3 * i] = "RGB".charCodeAt(i);
  for (let scan = whole.indexOf("ffda", "hex"); scan >= 0; scan = whole.indexOf("ffda", scan + 2, "hex"))
    for (let i = 0; i < whole[scan + 4]!; i++) whole[scan + 5 + 2 * i] = "RGB".charCodeAt(whole[scan + 5 + 2 * i]! - 1);
  expect(Buffer.compare((await decoder.decode(whole)).data, before)).toBe(0);
});

test("a JPEG of two components is refused by name", async () => {
  const grey = Buffer.from(jpegs[1]!, "base64");
  const frame = grey.indexOf("ffc0", "hex");
  const length = grey.readUInt16BE(frame + 2);
  grey.writeUInt16BE(length + 3, frame + 2);
  grey[frame + 9] = 2;
  const more = Buffer.concat([grey.subarray(0, frame + 2 + length), Buffer.from([2, 0x11, 0]), grey.subarray(frame + 2 + length)]);
  await expect(decoder.decode(more)).rejects.toThrow("a JPEG of 2 components, which thaw cannot read: convert it to PNG");
});

test.each(reference.bmps)("a BMP of $name has Pillow's pixels", async ({ file, pixels }) => {
  const { width, height, data } = await decoder.decode(Buffer.from(file, "base64"));
  expect([width, height]).toEqual([7, 5]);
  expect([...data]).toEqual([...Buffer.from(pixels, "base64")]);
});

// Pillow does not read these.
test("a BMP of 2 bits has the colours of its palette", async () => {
  const [width, height] = [5, 2];
  const colours = [
    [0, 0, 0],
    [250, 10, 20],
    [30, 240, 40],
    [50, 60, 230],
  ];
  const head = Buffer.alloc(54);
  head.write("BM");
  head.writeUInt32LE(54 + 16, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(2, 28);
  const palette = Buffer.from(colours.flatMap(([red, green, blue]) => [blue!, green!, red!, 0]));
  // From below: 3 2 1 0 3, then 0 1 2 3 1.
  const rows = Buffer.from([0b11100100, 0b11000000, 0, 0, 0b00011011, 0b01000000, 0, 0]);
  const { data } = await decoder.decode(Buffer.concat([head, palette, rows]));
  expect([...data]).toEqual([0, 1, 2, 3, 1, 3, 2, 1, 0, 3].flatMap((index) => colours[index]!));
});
