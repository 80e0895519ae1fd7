// Lists of names: texts, tables and Parquet, whole, damaged and hostile.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/fixtures/models.ts";
import { randomStream } from "../../core/random.ts";
import { type ListOptions, listedNames } from "./listed-names.node.ts";
import { namesInText } from "./text.node.ts";

let folder = "";
beforeAll(async () => {
  folder = await temporaryFolder();
});

let next = 0;
async function listOf(extension: string, content: string | Uint8Array): Promise<string> {
  const place = join(folder, `${next++}.${extension}`);
  await writeFile(place, content);
  return place;
}
async function all(place: string, options: ListOptions = {}): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const name of listedNames(place, options)) found.push(name);
  return found;
}

test.each([
  ["lines", "a.jpg\nb c.jpg\n", ["a.jpg", "b c.jpg"]],
  ["lines of Windows, without the last end", "a.jpg\r\n\r\nb.jpg", ["a.jpg", "b.jpg"]],
  ["a byte order mark", "\uFEFFa.jpg\n", ["a.jpg"]],
  ["nothing", "", []],
  ["addresses", "s3://photos/ä,1.jpg\nhttps://a/b?c=d", ["s3://photos/ä,1.jpg", "https://a/b?c=d"]],
])("a text of %s", async (_, text, names) => {
  expect(await all(await listOf("txt", text))).toEqual(names);
});

test("lines are whole wherever the pieces of a text end", async () => {
  const text = Array.from({ length: 50 }, (_, i) => `photo ${i} grün.jpg`).join("\r\n");
  for (const size of [1, 7, 100]) {
    const pieces = async function* () {
      for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
    };
    const found: string[] = [];
    for await (const name of namesInText(pieces(), "list")) found.push(name);
    expect(found).toEqual(text.split("\r\n"));
  }
  const large = Array.from({ length: 100_000 }, (_, i) => `é${i}`.padEnd(30, "é"));
  expect(await all(await listOf("txt", large.join("\n")))).toEqual(large);
});

test("a name that is kept does not keep the piece of the text that it was in", async () => {
  const pieces = async function* () {
    for (let i = 0; i < 200; i++) yield `${`photo ${i}.jpg`.padEnd(1_000, "x")}\n`.repeat(1_000);
  };
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const kept: string[] = [];
  collect();
  const before = process.memoryUsage().heapUsed;
  let read = 0;
  for await (const name of namesInText(pieces(), "list")) if (read++ % 1_000 === 0) kept.push(name);
  collect();
  expect([read, kept.length]).toEqual([200_000, 200]);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20e6);
});

test.each<[string, string, string | undefined, readonly string[]]>([
  ["a header of a usual name", "id,File,label\n1,a.jpg,x\n2,b.jpg,y\n", undefined, ["a.jpg", "b.jpg"]],
  ["a header of other names", "photo,label\na.jpg,x\n", undefined, ["a.jpg"]],
  ["no header", "a.jpg,x\nb.jpg,y\n", undefined, ["a.jpg", "b.jpg"]],
  ["a named column", "a,b\nx,1.jpg\n\ny,\nz,3.jpg\n", "b", ["1.jpg", "3.jpg"]],
  ["quoted cells", 'file,label\n"a, ""b"".jpg",x\n"c\nd.jpg",y\n', undefined, ['a, "b".jpg', "c\nd.jpg"]],
])("a table with %s", async (_, text, column, names) => {
  expect(await all(await listOf("csv", text), { column })).toEqual(names);
});

test("a table of tabs", async () => {
  expect(await all(await listOf("tsv", "label\tpath\nx\ta,b.jpg\n"))).toEqual(["a,b.jpg"]);
});

const rows = Array.from({ length: 2500 }, (_, i) => (i % 100 === 7 ? null : `s3://photos/${i}.jpg`));
const columnData = [
  { name: "id", data: rows.map((_, i) => i), type: "INT32" as const },
  { name: "path", data: rows, type: "STRING" as const },
];
const named = rows.filter((row) => row !== null);

test.each(["SNAPPY", "UNCOMPRESSED", "GZIP"] as const)("Parquet of several row groups, %s", async (codec) => {
  const compressors = { GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)) };
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData, codec, compressors, rowGroupSize: 1000 }));
  const place = await listOf("parquet", bytes);
  expect(await all(place)).toEqual(named);
  expect(await all(place, { column: "path" })).toEqual(named);
  await expect(all(place, { column: "id" })).rejects.toMatchObject({ message: expect.stringContaining("holds no names but numbers") });
});

test.each<[string, string, string | Uint8Array, ListOptions, RegExp]>([
  ["a column that is not there", "csv", "a,b\n1,2\n", { column: "c" }, /has no column "c"/],
  ["a column of a text", "txt", "a\n", { column: "c" }, /is read as text, which has no columns/],
  ["a quotation mark that is not closed", "csv", 'a,b\n"x,2\n', {}, /is not a table/],
  ["a line without end", "txt", "x".repeat(2_500_000), {}, /has a line of more than 1000000 characters/],
  ["a long line", "txt", `a.jpg\n${"x".repeat(1_000_001)}\nb.jpg\n`, {}, /has a line of more than 1000000 characters/],
  ["bytes that are no text", "txt", Uint8Array.of(97, 255, 10), {}, /is not text in UTF-8/],
  ["an empty Parquet", "parquet", "", {}, /is not a Parquet file that can be read: it is too short/],
  ["a picture called Parquet", "parquet", "x".repeat(100), {}, /does not end with PAR1/],
  [
    "a description longer than its file",
    "parquet",
    Uint8Array.of(80, 65, 82, 49, 255, 255, 255, 255, 80, 65, 82, 49),
    {},
    /its description has/,
  ],
])("%s is refused", async (_, extension, content, options, message) => {
  const place = await listOf(extension, content);
  await expect(all(place, options)).rejects.toMatchObject({ name: "UsageError", message: expect.stringMatching(message) });
});

test("a list that is not there is named", async () => {
  await expect(all(join(folder, "none.txt"))).rejects.toMatchObject({ message: expect.stringContaining("does not exist") });
});

test("Parquet with flipped bytes gives names or a reason, and ends", async () => {
  const place = await listOf("parquet", new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 1000 })));
  const whole = await readFile(place);
  for (let i = 0; i < 300; i++) {
    const bytes = Uint8Array.from(whole);
    const draw = randomStream(1, "flip", i);
    // Most of what decides is at the end.
    const at = Math.floor(i % 2 ? draw.uniform(0, bytes.length) : draw.uniform(bytes.length - 1500, bytes.length));
    bytes[at] = Math.floor(draw.uniform(0, 256));
    const spoiled = await listOf("parquet", bytes);
    await all(spoiled).catch((error: unknown) => expect(error).toMatchObject({ name: "UsageError" }));
  }
});
