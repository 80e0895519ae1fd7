// Decoding of every kind of file that people have lying around, made by sharp; the colours are known.

import sharp from "sharp";
import { expect, test } from "vitest";
import { decoder } from "#decode";
import { formats, ORANGE, orange, smooth } from "../../../test/pictures.ts";
import { formatOf, ImageError } from "./image.ts";

async function colourOf(bytes: Uint8Array): Promise<number[]> {
  const { width, height, data } = await decoder.decode(bytes);
  expect([width, height, data.length]).toEqual([24, 16, 24 * 16 * 3]);
  return [...data.subarray(0, 3)];
}

function expectNear(colour: readonly number[], wanted: readonly number[], tolerance: number): void {
  const distance = Math.max(...colour.map((value, channel) => Math.abs(value - wanted[channel]!)));
  expect(distance, `${colour} and ${wanted}`).toBeLessThanOrEqual(tolerance);
}

test.each(Object.entries(formats))("%s is known by its content and decoded", async (format, make) => {
  const bytes = await make().toBuffer();
  expect(formatOf(bytes)).toBe(format);
  expectNear(await colourOf(bytes), [ORANGE.r, ORANGE.g, ORANGE.b], 2);
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

// A quarter of orange over white.
const ON_WHITE = [249, 221, 196];

test.each(["png", "webp", "gif", "tiff", "avif"] as const)("what is transparent in a %s lies on white", async (kind) => {
  const clear = sharp({ create: { width: 24, height: 16, channels: 4, background: { ...ORANGE, alpha: 0 } } });
  const lossless = kind === "tiff" ? { compression: "lzw" } : kind === "webp" || kind === "avif" ? { lossless: true } : {};
  expect(await colourOf(await clear.toFormat(kind, lossless).toBuffer())).toEqual([255, 255, 255]);
});

test("what is half transparent is mixed with white, at 8 and at 16 bits", async () => {
  expectNear(await colourOf(await orange(4).png().toBuffer()), ON_WHITE, 1);
  expectNear(await colourOf(await orange(4).toColourspace("rgb16").png().toBuffer()), ON_WHITE, 1);
  const grey = sharp({ create: { width: 24, height: 16, channels: 4, background: { r: 100, g: 100, b: 100, alpha: 0.25 } } });
  expectNear(await colourOf(await grey.toColourspace("b-w").png().toBuffer()), [216, 216, 216], 1);
});

test("a palette is looked up", async () => {
  const bytes = await orange().png({ palette: true }).toBuffer();
  expect((await sharp(bytes).metadata()).isPalette).toBe(true);
  expect(await colourOf(bytes)).toEqual([230, 120, 20]);
});

test("CMYK becomes RGB as Pillow and browsers do it, without a profile", async () => {
  const bytes = await orange().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer();
  expect((await sharp(bytes).metadata()).space).toBe("cmyk");
  // Pillow 13's convert("RGB") of the same bytes.
  expectNear(await colourOf(bytes), [241, 112, 0], 1);
});

test.each([
  ["progressive", { progressive: true }],
  ["with half the colours", { chromaSubsampling: "4:2:0" }],
  ["with all the colours", { chromaSubsampling: "4:4:4" }],
  ["with restart markers and optimised tables", { mozjpeg: true }],
])("a JPEG %s is what libjpeg makes of it, to a few of 255 levels", async (_, options) => {
  const bytes = await smooth()
    .jpeg({ quality: 90, ...options })
    .toBuffer();
  const { data } = await decoder.decode(bytes);
  const reference = await sharp(bytes).raw().toBuffer();
  expect(data.length).toBe(reference.length);
  const differences = reference.map((value, i) => Math.abs(value - data[i]!));
  expect(Math.max(...differences)).toBeLessThanOrEqual(6);
  expect(differences.reduce((sum, difference) => sum + difference, 0) / differences.length).toBeLessThan(0.5);
});

test("a grey JPEG becomes three equal channels", async () => {
  const bytes = await smooth().greyscale().jpeg().toBuffer();
  const { data, width, height } = await decoder.decode(bytes);
  expect(data.length).toBe(width * height * 3);
  const reference = await sharp(bytes).raw().toBuffer();
  expect(data.every((value, i) => Math.abs(value - reference[i]!) <= 1)).toBe(true);
});

test("only the first frame of an animation is seen", async () => {
  const frames = await Promise.all(
    ["#ff0000", "#00ff00"].map((background) =>
      sharp({ create: { width: 24, height: 16, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  for (const kind of ["gif", "webp"] as const) {
    const bytes = await sharp(frames, { join: { animated: true } })
      .toFormat(kind, kind === "webp" ? { lossless: true } : {})
      .toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    expect(await colourOf(bytes)).toEqual([255, 0, 0]);
  }
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

test("a file that is missing and a folder are told apart", async () => {
  await expect(decoder.read("/nowhere/cat.jpg")).rejects.toThrow(new ImageError("file not found"));
  await expect(decoder.read(import.meta.dirname)).rejects.toThrow(new ImageError("a folder"));
});
