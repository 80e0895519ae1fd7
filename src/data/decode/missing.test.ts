// Files whose pixels are not all there, although they begin and end as they should: decoders make something up for what is missing. Whole files of
// rare kinds are no false alarm.

import { crc32 } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { decoder } from "#decode";
import { smooth } from "../../../test/pictures.ts";
import reference from "../../../test/reference/decode.json" with { type: "json" };

function reasonOf(bytes: Uint8Array): Promise<string> {
  return decoder.decode(bytes).then(
    () => "decoded",
    (error: unknown) => (error as Error).message,
  );
}

/** 240 by 180 pixels of waves and a little noise, about as hard to compress as a photograph. */
function photo(channels: 1 | 3 = 3): Sharp {
  const [width, height] = [240, 180];
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    return 128 + 70 * Math.sin(x / 9 + (i % channels)) * Math.cos(y / 7) + ((i * 7919) % 41) - 20;
  });
  return sharp(data, { raw: { width, height, channels } });
}

const END = Buffer.from([0xff, 0xd9]);
const partOf = (bytes: Buffer, share: number): Buffer => bytes.subarray(0, Math.floor(bytes.length * share));
const withHole = (bytes: Buffer, share: number, length: number): Buffer => {
  const from = Math.floor(bytes.length * share);
  return Buffer.from(bytes).fill(0, from, Math.min(from + length, bytes.length - 2));
};

const jpegs: Readonly<Record<string, () => Sharp>> = {
  "of whole colours": () => photo().jpeg({ chromaSubsampling: "4:4:4" }),
  "of half the colours": () => photo().jpeg({ chromaSubsampling: "4:2:0" }),
  "with tables of its own": () => photo().jpeg({ optimiseCoding: true, quality: 40 }),
  "in grey": () => photo(1).toColourspace("b-w").jpeg(),
  "in CMYK": () => photo().toColourspace("cmyk").jpeg(),
  "that lies on its side": () => photo().withMetadata({ orientation: 6 }).jpeg(),
  "upside down": () => photo().withMetadata({ orientation: 4 }).jpeg(),
  progressive: () => photo().jpeg({ progressive: true }),
  "of many scans": () => photo().jpeg({ mozjpeg: true }),
};

describe.each(Object.entries(jpegs))("a JPEG %s", (_, make) => {
  test("is whole, also without its end marker, and with something behind it", async () => {
    const whole = await make().toBuffer();
    expect(await reasonOf(whole)).toBe("decoded");
    expect(await reasonOf(whole.subarray(0, -2))).toBe("decoded");
    expect(await reasonOf(Buffer.concat([whole, Buffer.alloc(5000, 7)]))).toBe("decoded");
    const { data } = await decoder.decode(whole);
    expect(Buffer.compare((await decoder.decode(whole.subarray(0, -2))).data, data)).toBe(0);
  });

  test("says so if its data end early, whether or not the end is marked", async () => {
    const whole = await make().toBuffer();
    for (const share of [0.4, 0.7, 0.9, 0.97])
      for (const bytes of [partOf(whole, share), Buffer.concat([partOf(whole, share), END])])
        expect(await reasonOf(bytes), `${share}`).toMatch(/^truncated JPEG: \d+ % of its rows are missing$/);
  });

  test("says so if zeros lie in its middle, or at its end", async () => {
    const whole = await make().toBuffer();
    for (const [share, length] of [
      [0.4, 512],
      [0.5, 2000],
      [0.6, whole.length],
    ] as const)
      expect(await reasonOf(withHole(whole, share, length)), `${share}`).toMatch(/^(truncated JPEG: .* missing|damaged JPEG)$/);
  });

  test("says so if a part in its middle was left out", async () => {
    const whole = await make().toBuffer();
    const without = Buffer.concat([partOf(whole, 0.5), whole.subarray(Math.floor(whole.length * 0.7))]);
    expect(await reasonOf(without)).toMatch(/^(truncated JPEG: .* missing|damaged JPEG)$/);
  });
});

test.each(Object.entries(reference.restarts))(
  "a %s JPEG with restart markers is whole, and says so if a part between two, or the middle of one, is not there",
  async (_, file) => {
    const whole = Buffer.from(file, "base64");
    expect(await reasonOf(whole)).toBe("decoded");
    const missing = /^(truncated JPEG: .* missing|damaged JPEG)$/;
    const markers = [...whole.keys()].filter((at) => whole[at] === 0xff && whole[at + 1]! >= 0xd0 && whole[at + 1]! <= 0xd7);
    expect(markers.length).toBeGreaterThanOrEqual(3);
    for (const [i, start] of markers.slice(0, -1).entries()) {
      const end = markers[i + 1]!;
      const without = Buffer.concat([whole.subarray(0, start), whole.subarray(end)]);
      expect(await reasonOf(without), `part ${i} left out`).toMatch(missing);
      // What lies between the markers is coded data, or the end of a scan and the start of the next.
      if (whole.subarray(start, end).includes(Buffer.from([0xff, 0xda]))) continue;
      const middle = Math.floor((start + end) / 2);
      const cut = Buffer.concat([whole.subarray(0, middle), whole.subarray(end)]);
      expect(await reasonOf(cut), `part ${i} cut`).toMatch(missing);
      if (end - start > 200)
        expect(await reasonOf(Buffer.from(whole).fill(0, middle - 50, middle + 50)), `part ${i} zero`).toMatch(missing);
    }
  },
);

test("a progressive JPEG says so if there are zeros in any of its scans", async () => {
  const whole = await photo().jpeg({ progressive: true, quality: 95 }).toBuffer();
  const scans: number[] = [];
  for (let at = whole.indexOf("ffda", "hex"); at >= 0; at = whole.indexOf("ffda", at + 2, "hex")) scans.push(at);
  expect(scans.length).toBeGreaterThan(5);
  let long = 0;
  for (const [i, start] of scans.entries()) {
    const end = scans[i + 1] ?? whole.length - 2;
    if (end - start < 1000) continue;
    long++;
    const middle = Math.floor((start + end) / 2);
    expect(await reasonOf(Buffer.from(whole).fill(0, middle - 150, middle + 150)), `scan ${i} of ${scans.length}`).toMatch(
      /^(truncated JPEG: .* missing|damaged JPEG)$/,
    );
  }
  expect(long).toBeGreaterThan(3);
});

test("the missing rows of a JPEG are counted", async () => {
  const whole = await photo().jpeg({ chromaSubsampling: "4:4:4" }).toBuffer();
  const start = whole.indexOf("ffda", "hex");
  const half = whole.subarray(0, start + Math.floor((whole.length - start) / 2));
  const [, percent] = /(\d+) % of its rows are missing/.exec(await reasonOf(Buffer.concat([half, END])))!;
  expect(Math.abs(Number(percent) - 50)).toBeLessThanOrEqual(5);
});

test("flat pictures, whose data are mostly zeros and repeat themselves, are whole", async () => {
  for (const background of ["#000000", "#ffffff", "#7f7f7f", "#c02040"])
    for (const options of [{}, { optimiseCoding: true }, { progressive: true }, { mozjpeg: true }]) {
      const flat = sharp({ create: { width: 1500, height: 1000, channels: 3, background } });
      expect(await reasonOf(await flat.jpeg(options).toBuffer()), `${background} ${JSON.stringify(options)}`).toBe("decoded");
    }
});

test("a JPEG cut down to the first of its scans is not whole", async () => {
  const whole = await photo().jpeg({ progressive: true }).toBuffer();
  const second = whole.indexOf("ffda", whole.indexOf("ffda", "hex") + 2, "hex");
  const before = whole.lastIndexOf("ffc4", second, "hex");
  expect(await reasonOf(Buffer.concat([whole.subarray(0, before), END]))).toMatch(/^truncated JPEG: \d+ % of its rows are missing$/);
});

// Strips of 20 rows behind the directory, as cameras and libtiff write them.
function tiff({ rows = 200, bits = 8, format = 1, samples = 1 } = {}): Buffer {
  const [width, strips] = [200, Math.ceil(rows / 20)];
  const length = (20 * width * bits * samples) / 8;
  const tags = [
    [256, 4, 1, width],
    [257, 4, 1, rows],
    [258, 3, 1, bits],
    [259, 3, 1, 1],
    [262, 3, 1, 1],
    [273, 4, strips, 0],
    [277, 3, 1, samples],
    [278, 4, 1, 20],
    [279, 4, strips, 0],
    [339, 3, 1, format],
  ];
  const offsets = 8 + 2 + 12 * tags.length + 4;
  const data = offsets + 8 * strips;
  tags[5]![3] = offsets;
  tags[8]![3] = offsets + 4 * strips;
  const head = Buffer.alloc(data);
  head.write("II*\0\x08\0\0\0", "latin1");
  head.writeUInt16LE(tags.length, 8);
  for (const [i, [tag, type, count, value]] of tags.entries()) {
    head.writeUInt16LE(tag!, 10 + 12 * i);
    head.writeUInt16LE(type!, 12 + 12 * i);
    head.writeUInt32LE(count!, 14 + 12 * i);
    head.writeUInt32LE(value!, 18 + 12 * i);
  }
  for (let strip = 0; strip < strips; strip++) {
    head.writeUInt32LE(data + strip * length, offsets + 4 * strip);
    head.writeUInt32LE(length, offsets + 4 * (strips + strip));
  }
  return Buffer.concat([head, Buffer.alloc(strips * length, 100)]);
}

test("a TIFF says how many of its rows are missing", async () => {
  const whole = tiff();
  expect(await reasonOf(whole)).toBe("decoded");
  const pixels = 200 * 200;
  for (const share of [0.9, 0.5, 0.1, 0])
    expect(await reasonOf(whole.subarray(0, whole.length - pixels + share * pixels))).toBe(
      `truncated TIFF: ${Math.round(100 * (1 - share))} % of its rows are missing`,
    );
});

test.each(["lzw", "deflate", "jpeg", "packbits", "none"] as const)(
  "a TIFF with compression %s is whole, in strips and in tiles",
  async (compression) => {
    expect(await reasonOf(await photo().tiff({ compression }).toBuffer())).toBe("decoded");
    expect(await reasonOf(await photo().tiff({ compression, tile: true, tileWidth: 64, tileHeight: 64 }).toBuffer())).toBe("decoded");
    expect(await reasonOf(await photo().tiff({ compression, bigtiff: true }).toBuffer())).toBe("decoded");
  },
);

test.each(["lzw", "deflate", "jpeg", "packbits"] as const)(
  "a TIFF of compression %s with zeros among its pixels says so",
  async (compression) => {
    for (const more of [{}, { tile: true, tileWidth: 64, tileHeight: 64 }, { predictor: "none" }] as const) {
      // The pixels come first, then what describes them.
      const whole = await photo()
        .tiff({ compression, ...more })
        .toBuffer();
      for (const [share, length] of [
        [0.2, 256],
        [0.5, 512],
        [0.7, 5000],
      ] as const)
        expect(await reasonOf(withHole(whole, share, length)), `${share} ${JSON.stringify(more)}`).toMatch(
          /^(truncated TIFF: (\d+|less than 1) % of its rows are missing|damaged TIFF)$/,
        );
    }
  },
);

test("a TIFF whose compression libvips lacks is refused by name", async () => {
  const whole = tiff();
  expect(whole.readUInt16LE(10 + 12 * 3)).toBe(259);
  whole.writeUInt32LE(50_000, 18 + 12 * 3);
  expect(await reasonOf(whole)).toBe("a TIFF of a rare compression, which thaw cannot read: save it with another, such as LZW");
});

test("a TIFF whose strips are the same bytes again and again is damaged", async () => {
  const whole = tiff();
  const packBits = 32773;
  whole.writeUInt32LE(packBits, 18 + 12 * 3);
  const [offsets, lengths] = [5, 8].map((tag) => whole.readUInt32LE(18 + 12 * tag)) as [number, number];
  for (let strip = 0; strip < 10; strip++) {
    whole.writeUInt32LE(8, offsets + 4 * strip);
    whole.writeUInt32LE(whole.length - 8, lengths + 4 * strip);
  }
  expect(await reasonOf(whole)).toBe("damaged TIFF");
});

test("zeros in uncompressed pixels are missing where whole pages of the file are zeros, and black elsewhere", async () => {
  for (const [whole, kind] of [
    [tiff(), "TIFF"],
    [bmp(101, 200), "BMP"],
  ] as const) {
    const zeros = (from: number, to: number) => reasonOf(Buffer.from(whole).fill(0, from, to));
    expect(await zeros(8192, 16384)).toMatch(new RegExp(`^truncated ${kind}: \\d+ % of its rows are missing$`));
    expect(await zeros(8192, 16385)).toBe("decoded");
    expect(await zeros(8191, 16384)).toBe("decoded");
    // A strip and more of a picture that is black below.
    expect(await zeros(whole.length - 8000, whole.length)).toBe("decoded");
  }
});

test.each([
  [16, 2, "16-bit signed"],
  [8, 2, "8-bit signed"],
  [32, 1, "32-bit whole"],
  [32, 2, "32-bit signed"],
  [32, 3, "32-bit floating-point"],
  [64, 3, "64-bit floating-point"],
  [16, 3, "16-bit floating-point"],
  [64, 6, "64-bit complex"],
])("a TIFF of %i bits and sample format %i is refused by name, because nothing says what is white", async (bits, format, kind) => {
  expect(await reasonOf(tiff({ bits, format }))).toBe(`a TIFF of ${kind} numbers, which thaw cannot read: scale it to 8 or 16 bits`);
});

test("a TIFF of 16 bits is scaled by 257", async () => {
  const { data } = await decoder.decode(tiff({ bits: 16 }));
  expect([...new Set(data)]).toEqual([100]);
});

test("a GIF whose blocks end early, or hold zeros, says how much is missing", async () => {
  const whole = await photo().gif().toBuffer();
  expect(await reasonOf(whole)).toBe("decoded");
  expect(await reasonOf(withHole(whole, 0.5, 2000))).toMatch(/^truncated GIF: \d+ % of its rows are missing$/);
  const ended = Buffer.concat([withHole(whole, 0.5, whole.length).subarray(0, -1), Buffer.from(";")]);
  expect(await reasonOf(ended)).toMatch(/^truncated GIF: \d+ % of its rows are missing$/);
});

test.each([{ quality: 90 }, { lossless: true }, { quality: 90, alphaQuality: 50 }])(
  "a WebP with zeros in its middle (%o) says so",
  async (options) => {
    const whole = await photo().webp(options).toBuffer();
    expect(await reasonOf(whole)).toBe("decoded");
    expect(await reasonOf(withHole(whole, 0.5, 512))).toMatch(/^truncated WebP: \d+ % of its rows are missing$/);
  },
);

test("flat WebPs and PNGs are whole", async () => {
  for (const background of ["#000000", "#ffffff", "#c02040"]) {
    const flat = () => sharp({ create: { width: 2000, height: 1500, channels: 3, background } });
    for (const made of [flat().webp(), flat().webp({ lossless: true }), flat().png(), flat().gif(), flat().tiff({ compression: "lzw" })])
      expect(await reasonOf(await made.toBuffer())).toBe("decoded");
  }
});

test("a PNG whose pixels are fewer than its rows, or hold zeros, is damaged", async () => {
  const whole = await photo().png().toBuffer();
  expect(await reasonOf(withHole(whole, 0.5, 512))).toMatch(/^(damaged|truncated) PNG$/);
  const start = whole.indexOf("IDAT") - 4;
  const content = whole.subarray(start + 8, start + 8 + whole.readUInt32BE(start) / 2);
  const chunk = Buffer.alloc(12 + content.length);
  chunk.writeUInt32BE(content.length, 0);
  chunk.write("IDAT", 4);
  content.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + content.length)), 8 + content.length);
  const end = whole.subarray(-12);
  expect(await reasonOf(Buffer.concat([whole.subarray(0, start), chunk, end]))).toMatch(/^(damaged|truncated) PNG$/);
});

// 24 bits, rows from below.
function bmp(width: number, height: number): Buffer {
  const row = Math.ceil((width * 3) / 4) * 4;
  const bytes = Buffer.alloc(54 + row * height, 9);
  bytes.fill(0, 0, 54);
  bytes.write("BM");
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}

test("a BMP says how many of its rows are missing", async () => {
  const whole = bmp(101, 50);
  expect(await reasonOf(whole)).toBe("decoded");
  expect(await reasonOf(whole.subarray(0, 54 + (whole.length - 54) * 0.4))).toBe("truncated BMP: 60 % of its rows are missing");
  expect(await reasonOf(whole.subarray(0, 40))).toBe("truncated BMP");
});

// Runs of 8 bits: each row is one run of 100 pixels and the mark of its end.
test("a BMP of runs with zeros in the place of runs is damaged", async () => {
  const head = bmp(100, 400).subarray(0, 54);
  head.writeUInt16LE(8, 28);
  head.writeUInt32LE(1, 30);
  head.writeUInt32LE(54 + 1024, 10);
  const rows = Buffer.concat(Array.from({ length: 400 }, (_, y) => Buffer.from([100, y & 255, 0, 0])));
  const whole = Buffer.concat([head, Buffer.alloc(1024, 60), rows, Buffer.from([0, 1])]);
  expect(await reasonOf(whole)).toBe("decoded");
  expect(await reasonOf(whole.subarray(0, -2))).toBe("decoded");
  expect(await reasonOf(withHole(whole, 0.6, 512))).toBe("damaged BMP");
  expect(await reasonOf(whole.subarray(0, 54 + 1024 + 400))).toBe("truncated BMP: 75 % of its rows are missing");
});

test("smooth pictures of every quality are whole", async () => {
  for (const quality of [1, 5, 20, 50, 80, 100])
    for (const chromaSubsampling of ["4:2:0", "4:4:4"])
      for (const progressive of [false, true])
        expect(await reasonOf(await smooth().jpeg({ quality, chromaSubsampling, progressive }).toBuffer())).toBe("decoded");
});
