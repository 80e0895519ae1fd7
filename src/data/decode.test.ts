// Decoding of every kind of file that people have lying around, made here by sharp; the colours are known.

import { crc32 } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { expect, test } from "vitest";
import { decoder } from "#decode";
import { formatOf, ImageError } from "./image.ts";

const ORANGE = { r: 230, g: 120, b: 20 };
const orange = (channels: 3 | 4 = 3) => sharp({ create: { width: 24, height: 16, channels, background: { ...ORANGE, alpha: 0.25 } } });

async function colourOf(bytes: Uint8Array): Promise<number[]> {
  const { width, height, data } = await decoder.decode(bytes);
  expect([width, height, data.length]).toEqual([24, 16, 24 * 16 * 3]);
  return [...data.subarray(0, 3)];
}

function reasonOf(bytes: Uint8Array): Promise<string> {
  return decoder.decode(bytes).then(
    () => "decoded",
    (error: unknown) => {
      if (error instanceof ImageError) return error.message;
      throw error;
    },
  );
}

const formats = {
  PNG: () => orange().png(),
  JPEG: () => orange().jpeg({ quality: 100, chromaSubsampling: "4:4:4" }),
  WebP: () => orange().webp({ lossless: true }),
  GIF: () => orange().gif(),
  TIFF: () => orange().tiff(),
  AVIF: () => orange().avif({ lossless: true, chromaSubsampling: "4:4:4" }),
};

test.each(Object.entries(formats))("%s is known by its content and decoded", async (format, make) => {
  const bytes = await make().toBuffer();
  expect(formatOf(bytes)).toBe(format);
  const colour = await colourOf(bytes);
  for (const [channel, value] of [ORANGE.r, ORANGE.g, ORANGE.b].entries())
    expect(Math.abs(colour[channel]! - value)).toBeLessThanOrEqual(2);
});

test("grey becomes three equal channels", async () => {
  const bytes = await sharp({ create: { width: 24, height: 16, channels: 3, background: "#646464" } })
    .toColourspace("b-w")
    .png()
    .toBuffer();
  expect((await sharp(bytes).metadata()).channels).toBe(1);
  expect(await colourOf(bytes)).toEqual([100, 100, 100]);
});

test("16 bits become 8", async () => {
  const bytes = await orange().toColourspace("rgb16").png().toBuffer();
  expect((await sharp(bytes).metadata()).depth).toBe("ushort");
  expect(await colourOf(bytes)).toEqual([230, 120, 20]);
});

test("16-bit grey becomes 8-bit RGB", async () => {
  const bytes = await sharp({ create: { width: 24, height: 16, channels: 3, background: "#646464" } })
    .toColourspace("grey16")
    .png()
    .toBuffer();
  const { depth, channels } = await sharp(bytes).metadata();
  expect([depth, channels]).toEqual(["ushort", 1]);
  expect(await colourOf(bytes)).toEqual([100, 100, 100]);
});

test("transparency is dropped and the colour beneath it kept", async () => {
  expect(await colourOf(await orange(4).png().toBuffer())).toEqual([230, 120, 20]);
});

test("a palette is looked up", async () => {
  const bytes = await orange().png({ palette: true }).toBuffer();
  expect((await sharp(bytes).metadata()).isPalette).toBe(true);
  expect(await colourOf(bytes)).toEqual([230, 120, 20]);
});

test("CMYK becomes RGB of about the same colour", async () => {
  const bytes = await orange().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer();
  expect((await sharp(bytes).metadata()).space).toBe("cmyk");
  const [red, green, blue] = await colourOf(bytes);
  expect(red).toBeGreaterThan(190);
  expect(Math.abs(green! - 120)).toBeLessThan(40);
  expect(blue).toBeLessThan(90);
});

// By orientation: the place, in what a person sees, of the pixel stored at a row and column (EXIF 2.32, tag 274).
const [WIDTH, HEIGHT] = [24, 16];
const places: Record<number, (row: number, column: number) => [number, number]> = {
  1: (row, column) => [column, row],
  2: (row, column) => [WIDTH - 1 - column, row],
  3: (row, column) => [WIDTH - 1 - column, HEIGHT - 1 - row],
  4: (row, column) => [column, HEIGHT - 1 - row],
  5: (row, column) => [row, column],
  6: (row, column) => [WIDTH - 1 - row, column],
  7: (row, column) => [WIDTH - 1 - row, HEIGHT - 1 - column],
  8: (row, column) => [row, HEIGHT - 1 - column],
};

test.each(Object.keys(places).map(Number))("a photograph with EXIF orientation %i stands upright", async (orientation) => {
  const [columns, rows] = orientation < 5 ? [WIDTH, HEIGHT] : [HEIGHT, WIDTH];
  const stored = new Uint8Array(rows * columns * 3);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [x, y] = places[orientation]!(row, column);
      stored[(row * columns + column) * 3] = x < 8 && y < 8 ? 255 : 0;
    }
  }
  const bytes = await sharp(stored, { raw: { width: columns, height: rows, channels: 3 } })
    .withMetadata({ orientation })
    .jpeg({ quality: 100 })
    .toBuffer();
  const { width, height, data } = await decoder.decode(bytes);
  expect([width, height]).toEqual([WIDTH, HEIGHT]);
  const red = (x: number, y: number) => data[(y * width + x) * 3]! > 128;
  expect([red(3, 3), red(20, 3), red(3, 12), red(20, 12)]).toEqual([true, false, false, false]);
});

const noise = () =>
  sharp(
    Uint8Array.from({ length: 200 * 150 * 3 }, (_, i) => (i * 7919) >> 4),
    { raw: { width: 200, height: 150, channels: 3 } },
  );

test.each(["JPEG", "PNG", "WebP", "TIFF"] as const)("half of a %s is called truncated or damaged, by name", async (format) => {
  const make = { JPEG: () => noise().jpeg(), PNG: () => noise().png(), WebP: () => noise().webp(), TIFF: () => noise().tiff() }[format];
  const whole = await make().toBuffer();
  expect(await reasonOf(whole)).toBe("decoded");
  expect(await reasonOf(whole.subarray(0, whole.length / 2))).toMatch(new RegExp(`^(truncated|damaged) ${format}$`));
});

test("half of a JPEG is called a truncated JPEG", async () => {
  const whole = await noise().jpeg().toBuffer();
  expect(await reasonOf(whole.subarray(0, whole.length / 2))).toBe("truncated JPEG");
});

test("an empty file is called empty", async () => {
  expect(await reasonOf(new Uint8Array())).toBe("empty file");
});

test.each([
  ["text", "This is a note about cats.\n"],
  ["an SVG", '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>'],
  ["a PDF", "%PDF-1.7\n"],
  ["a web page", "<!doctype html><html></html>"],
])("%s is not an image, whatever its name", async (_, text) => {
  expect(await reasonOf(Buffer.from(text))).toBe("not an image");
});

test("a HEIC image from a telephone is called what it is", async () => {
  expect(await reasonOf(Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic"))).toBe("a HEIC image, which is not supported");
});

test("a small file that claims to be a huge image is too large", async () => {
  const bomb = await orange().png().toBuffer();
  // Width and height stand at 16 and 20 of a PNG, the checksum of its header at 29.
  bomb.writeUInt32BE(30_000, 16);
  bomb.writeUInt32BE(30_000, 20);
  bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
  expect(await reasonOf(bomb)).toBe("too large");
});

test("a file that is missing and a folder are told apart", async () => {
  await expect(decoder.read("/nowhere/cat.jpg")).rejects.toThrow(new ImageError("file not found"));
  await expect(decoder.read(import.meta.dirname)).rejects.toThrow(new ImageError("a folder"));
});

test("whatever the bytes, the decoder gives an image or a reason", async () => {
  const seeds = await Promise.all(Object.values(formats).map((make) => make().toBuffer()));
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 12 }), fc.nat())
    .map(([seed, edits, cut]) => {
      const bytes = Uint8Array.from(seed);
      for (const [position, value] of edits) bytes[position % bytes.length] = value;
      return cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
    });
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, fc.uint8Array()), async (bytes) => {
      expect(await reasonOf(bytes)).toMatch(/^(decoded|empty file|not an image|too large|(truncated|damaged) \w+)$/);
    }),
    { numRuns: 150, seed: 3 },
  );
});
