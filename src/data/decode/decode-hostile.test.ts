// Files that cannot be decoded: cut off, of another kind, damaged, or made to exhaust the memory. Each gets a reason, and none ends the process.

import { crc32 } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { decoder } from "#decode";
import { formats, noise, ORANGE, orange, smooth } from "../../../test/pictures.ts";
import reference from "../../../test/reference/decode.json" with { type: "json" };
import { ImageError } from "./image.ts";

function reasonOf(bytes: Uint8Array): Promise<string> {
  return decoder.decode(bytes).then(
    () => "decoded",
    (error: unknown) => {
      if (error instanceof ImageError) return error.message;
      throw error;
    },
  );
}

const wholes = {
  JPEG: () => noise().jpeg(),
  PNG: () => noise().png(),
  WebP: () => noise().webp(),
  GIF: () => noise().gif(),
  AVIF: () => noise().avif({ effort: 0 }),
};

test.each(Object.entries(wholes))("a %s that ends too early is called truncated, wherever it was cut", async (format, make) => {
  const whole = await make().toBuffer();
  expect(await reasonOf(whole)).toBe("decoded");
  for (const part of [0.1, 0.3, 0.5, 0.9, 0.99])
    expect(await reasonOf(whole.subarray(0, whole.length * part))).toMatch(new RegExp(`^truncated ${format}(: .* missing)?$`));
});

test("half of a TIFF is called truncated or damaged", async () => {
  const whole = await noise().tiff().toBuffer();
  expect(await reasonOf(whole)).toBe("decoded");
  expect(await reasonOf(whole.subarray(0, whole.length / 2))).toMatch(/^(truncated|damaged) TIFF$/);
});

test("a JPEG is whole although a film follows it, and cut although its preview is whole", async () => {
  const whole = await noise().jpeg().toBuffer();
  expect(await reasonOf(Buffer.concat([whole, Buffer.alloc(5000, 7)]))).toBe("decoded");
  const preview = await orange().jpeg().toBuffer();
  const segment = Buffer.concat([Buffer.from([0xff, 0xe2, (preview.length + 2) >> 8, (preview.length + 2) & 255]), preview]);
  const withPreview = Buffer.concat([whole.subarray(0, 2), segment, whole.subarray(2)]);
  expect(await reasonOf(withPreview)).toBe("decoded");
  expect(await reasonOf(withPreview.subarray(0, withPreview.length - 900))).toBe("truncated JPEG: 13 % of its rows are missing");
});

test("an empty file is called empty", async () => {
  expect(await reasonOf(new Uint8Array())).toBe("empty file");
});

test("text is not an image", async () => {
  expect(await reasonOf(Buffer.from("This is a note about cats.\n"))).toBe("not an image");
});

const CONVERT = "convert it to JPEG or PNG";
const HEIC = "convert it to JPEG or PNG, for example by magick mogrify -format jpg *.heic";

test.each([
  ["a HEIC file", "\0\0\0\x18ftypheic\0\0\0\0mif1heic", HEIC],
  ["a HEIC file", "\0\0\0\x18ftypmif1\0\0\0\0mif1heic", HEIC],
  ["a raw file of a camera", "II*\0\x10\0\0\0CR\x02\0", CONVERT],
  ["a raw file of a camera", "\0\0\0\x18ftypcrx \0\0\0\x01", CONVERT],
  ["a film", "\0\0\0\x18ftypisom\0\0\x02\0isomiso2", "take single pictures out of it"],
  ["a JPEG XL file", "\xff\x0a\xfa\x1f", CONVERT],
  ["a JPEG 2000 file", "\0\0\0\x0cjP  \r\n\x87\n", CONVERT],
  ["an ICO file", "\0\0\x01\0\x01\0\x10\x10", CONVERT],
  ["a PSD file", "8BPS\0\x01", CONVERT],
  ["a PDF file", "%PDF-1.7\n", CONVERT],
  ["an SVG file", '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', CONVERT],
  ["an SVG file", '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect/></svg>', CONVERT],
  ["a DICOM file", `${"\0".repeat(128)}DICM`, CONVERT],
  ["a web page", "<!doctype html><html></html>", "download the picture itself"],
  ["a ZIP archive", "PK\x03\x04\x14\0", "unpack it"],
])("%s is called what it is, with what to do", async (name, start, cure) => {
  expect(await reasonOf(Buffer.from(start, "latin1"))).toBe(`${name}, which thaw cannot read: ${cure}`);
});

describe("a small file that claims to be a huge image is too large", () => {
  const tooLarge = "too large: 30000 × 30000 pixels, where 100 million are the most";
  const bytesOf = (kind: "png" | "jpeg" | "gif" | "avif") => orange().toFormat(kind).toBuffer();

  test("PNG", async () => {
    const bomb = await bytesOf("png");
    // Width and height stand at 16 and 20 of a PNG, the checksum of its header at 29.
    bomb.writeUInt32BE(30_000, 16);
    bomb.writeUInt32BE(30_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    expect(await reasonOf(bomb)).toBe(tooLarge);
  });

  test("JPEG", async () => {
    const bomb = await bytesOf("jpeg");
    const frame = bomb.indexOf(Buffer.from([0xff, 0xc0]));
    bomb.writeUInt16BE(30_000, frame + 5);
    bomb.writeUInt16BE(30_000, frame + 7);
    expect(await reasonOf(bomb)).toBe(tooLarge);
  });

  test("GIF", async () => {
    const bomb = await bytesOf("gif");
    bomb.writeUInt16LE(30_000, 6);
    bomb.writeUInt16LE(30_000, 8);
    expect(await reasonOf(bomb)).toBe(tooLarge);
  });

  test("AVIF", async () => {
    const bomb = await bytesOf("avif");
    const size = bomb.indexOf("ispe");
    bomb.writeUInt32BE(30_000, size + 8);
    bomb.writeUInt32BE(30_000, size + 12);
    expect(await reasonOf(bomb)).toBe(tooLarge);
  });

  test("each kind of WebP", async () => {
    const largest = "too large: 16383 × 16383 pixels, where 100 million are the most";
    const lossy = await orange().webp().toBuffer();
    lossy.writeUInt32LE(0x3fff3fff, 26);
    expect(await reasonOf(lossy)).toBe(largest);
    const lossless = await orange().webp({ lossless: true }).toBuffer();
    lossless.writeUInt32LE((lossless.readUInt32LE(21) & 0xf0000000) | 0x0fffbffe, 21);
    expect(await reasonOf(lossless)).toMatch(/^too large: 163\d\d × 163\d\d/);
    const extended = await orange(4).webp({ lossless: false }).toBuffer();
    expect(extended.toString("latin1", 12, 16)).toBe("VP8X");
    extended.writeUIntLE(29_999, 24, 3);
    extended.writeUIntLE(29_999, 27, 3);
    expect(await reasonOf(extended)).toBe(tooLarge);
  });

  test("TIFF", async () => {
    const bomb = await orange().tiff({ compression: "deflate" }).toBuffer();
    const directory = bomb.readUInt32LE(4);
    for (let entry = directory + 2; entry < directory + 2 + 12 * bomb.readUInt16LE(directory); entry += 12)
      if ([256, 257].includes(bomb.readUInt16LE(entry))) bomb.writeUInt32LE(30_000, entry + 8);
    expect(await reasonOf(bomb)).toBe(tooLarge);
  });
});

/** A PNG whose header claims another size, with its checksum. */
async function claimedPng(width: number, height: number, { bits = 8, interlaced = false } = {}): Promise<Buffer> {
  const bytes = await orange().png().toBuffer();
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes[24] = bits;
  bytes[28] = interlaced ? 1 : 0;
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

test("a picture with a side of 100 million pixels is refused by its header", async () => {
  const reason = /^too large: \d+ × \d+ pixels, where a side has at most 65535$/;
  expect(await reasonOf(await claimedPng(1e8, 1))).toMatch(reason);
  expect(await reasonOf(await claimedPng(1, 1e8))).toMatch(reason);
});

test("a small file that would take much memory is refused by its header, with both numbers", async () => {
  const interlaced = await claimedPng(10_000, 10_000, { bits: 16, interlaced: true });
  expect(await reasonOf(interlaced)).toBe(
    "too large: 10000 × 10000 pixels take 606 MB to decode, where a file of its length may take 256 MB",
  );
});

test("a flat screenshot of 3840 × 2160 pixels is decoded at its own size", async () => {
  const screenshot = await sharp({ create: { width: 3840, height: 2160, channels: 3, background: ORANGE } })
    .png()
    .toBuffer();
  expect(await decoder.decode(screenshot)).toMatchObject({ width: 3840, height: 2160 });
});

test("a JPEG of very many scans is refused before it is decoded", async () => {
  const whole = await sharp({ create: { width: 4000, height: 3000, channels: 3, background: ORANGE } })
    .jpeg({ progressive: true })
    .toBuffer();
  const scan = whole.subarray(whole.lastIndexOf("ffda", -1, "hex"), -2);
  const withScans = (more: number) =>
    Buffer.concat([whole.subarray(0, -2), ...Array.from({ length: more }, () => scan), whole.subarray(-2)]);
  expect(await reasonOf(withScans(80))).toBe("too large: 90 scans of 4000 × 3000 pixels, where 83 are the most");
});

// Of each kind, one small file; of a JPEG and a PNG also the rarer forms.
async function seedFiles(): Promise<Record<string, Buffer>> {
  const some = Object.entries({
    ...formats,
    "JPEG progressive": () => smooth().jpeg({ progressive: true }),
    "JPEG CMYK": () => smooth().toColourspace("cmyk").jpeg(),
    "JPEG turned": () => smooth().withMetadata({ orientation: 6 }).jpeg(),
    "PNG palette": () => smooth().png({ palette: true }),
    "PNG 16 bit": () => smooth().toColourspace("rgb16").png(),
    "WebP lossy": () => smooth().webp(),
    "GIF noise": () => noise().gif(),
    "TIFF LZW": () => smooth().tiff({ compression: "lzw" }),
    "TIFF PackBits": () => smooth().tiff({ compression: "packbits", tile: true, tileWidth: 16, tileHeight: 16 }),
    "TIFF deflate": () => smooth().tiff({ compression: "deflate" }),
  }).map(async ([name, make]) => [name, await make().toBuffer()] as const);
  const bmps = reference.bmps
    .filter(({ name }) => /^(1|16|24|32) bits$|runs|version 4/.test(name))
    .map(({ name, file }) => [`BMP of ${name}`, Buffer.from(file, "base64")] as const);
  return Object.fromEntries([...(await Promise.all(some)), ...bmps]);
}

const REASON =
  /^(decoded|empty file|not an image|too large: .*|(truncated|damaged) \w+(: .* missing)?|an? [\w -]+, which thaw cannot read: .*)$/;

describe("whatever the bytes, the decoder gives an image or a reason", () => {
  test("of random bytes, with and without a familiar start", async () => {
    const starts = Object.values(await seedFiles()).map((bytes) => bytes.subarray(0, 40));
    const bytes = fc
      .tuple(fc.constantFrom(new Uint8Array(), ...starts), fc.uint8Array({ maxLength: 600 }))
      .map(([start, rest]) => Buffer.concat([start, rest]));
    await fc.assert(
      fc.asyncProperty(bytes, async (input) => {
        expect(await reasonOf(input)).toMatch(REASON);
      }),
      { numRuns: 150, seed: 3 },
    );
  });

  test("of a file whose bits were flipped, and which may be cut", async () => {
    const files = await seedFiles();
    for (const [name, file] of Object.entries(files)) {
      const flips = fc.array(fc.nat(file.length * 8 - 1), { minLength: 1, maxLength: 8 });
      const cut = fc.oneof(fc.constant(file.length), fc.nat(file.length));
      await fc.assert(
        fc.asyncProperty(flips, cut, async (positions, length) => {
          const bytes = Uint8Array.from(file);
          for (const position of positions) bytes[position >> 3]! ^= 1 << (position & 7);
          expect(await reasonOf(bytes.subarray(0, length)), name).toMatch(REASON);
        }),
        { numRuns: 30, seed: 4 },
      );
    }
  });

  test("of a file cut anywhere", async () => {
    const files = await seedFiles();
    // What ends a TIFF may be no more than remarks about it.
    for (const name of Object.keys(files)) if (name.startsWith("TIFF")) delete files[name];
    for (const [name, file] of Object.entries(files)) {
      const step = Math.ceil(file.length / 40);
      // The last byte of a GIF only says that no frame follows, the last two of a JPEG that it ends; the last four of a BMP may fill up a row.
      const end = file.length - (name.startsWith("GIF") ? 1 : name.startsWith("JPEG") ? 2 : name.startsWith("BMP") ? 4 : 0);
      for (let length = 1; length < end; length += step) {
        const reason = await reasonOf(file.subarray(0, length));
        expect(reason, `${name}, ${length} of ${file.length} bytes`).toMatch(
          /^(truncated|damaged) \w+(: .* missing)?$|^not an image$|^an? .* which thaw/,
        );
      }
    }
  });
});
