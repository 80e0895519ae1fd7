// What is guessed of a table: what separates its cells, whether it has a header, and whether a cell holds several labels. Files need names only, so they are empty here.

import { describe, expect, test } from "vitest";
import { memoryTree } from "../../../test/fixtures/memory-tree.ts";
import type { Warning } from "../../core/progress.ts";
import type { FileTree } from "../files/file-tree.ts";
import { type CsvOptions, readCsv } from "./csv.ts";

const TEN = [..."abcdefghij"];

/** The table labels.csv, and empty files in "photos". */
function memory(csv: string, files: readonly string[]): FileTree {
  const photographs = files.map((name) => [`photos/${name}`, new Uint8Array()] as const);
  return memoryTree(new Map([["labels.csv", new TextEncoder().encode(csv)], ...photographs]));
}

test.each([
  ["sep=;\r\nid;labels\r\n", ";"],
  ["\ufeffsep=\t\nid\tlabels\n", "\t"],
  ['"sep=|"\nid|labels\n', "|"],
])("a first line in which Excel names the separator is understood and counted (%j)", async (start, mark) => {
  const rows = TEN.map((name, i) => `${name}${mark}${i % 2 === 0 ? "cat" : "dog, wet"}\n`).join("");
  const read = (csv: string) => readCsv(memory(csv, TEN), "photos", "labels.csv", { catSeparator: "" });
  expect((await read(start + rows)).classes).toEqual(["cat", "dog, wet"]);
  await expect(read(`${start}${rows}a${mark}cat${mark}more\n`)).rejects.toThrow("line 13");
});

describe("a first row", () => {
  const rows = (separator: string, ending = "") => TEN.map((name, i) => `${name}${ending}${separator}${"xy"[i % 2]}\n`).join("");
  async function readWith(csv: string, files: readonly string[], options: CsvOptions = {}): Promise<[number, string[]]> {
    const warnings: string[] = [];
    const listed = await readCsv(memory(csv, files), "photos", "labels.csv", {
      ...options,
      onWarning: ({ message }) => warnings.push(message),
    });
    // Which of so few rows are held out is another matter.
    return [listed.train.length + listed.valid.length, warnings.filter((message) => !message.includes("no image to"))];
  }
  const told = (name: string) => [`The first row of labels.csv names the image "${name}", so it is read as one: the table has no header`];

  test("that names an image is one, with its suffix, and for any separator", async () => {
    const photographs = TEN.map((name) => `${name}.jpg`);
    expect(await readWith(rows(","), TEN)).toEqual([10, told("a")]);
    expect(await readWith(rows(",", ".jpg"), photographs)).toEqual([10, told("a.jpg")]);
    expect(await readWith(rows(","), photographs, { suffix: ".jpg" })).toEqual([10, told("a")]);
    expect(await readWith(rows(";"), TEN, { separator: ";" })).toEqual([10, told("a")]);
    const numbers = TEN.map((name, i) => `${name},${i}\n`).join("");
    expect(await readWith(numbers, TEN, { continuous: true })).toEqual([10, told("a")]);
  });

  test("is what the user says it is", async () => {
    expect(await readWith(rows(","), TEN, { skipHeader: true })).toEqual([9, []]);
    expect(await readWith(rows(","), TEN, { skipHeader: false })).toEqual([10, []]);
  });

  test("with the name of a folder, of no file, or of a column that is asked for, is a header", async () => {
    expect(await readWith(`id,kind\n${rows(",")}`, [...TEN, "id/1.jpg"])).toEqual([10, []]);
    expect(await readWith(`id,kind\n${rows(",")}`, [...TEN, "id"], { labelColumns: "kind" })).toEqual([10, []]);
  });
});

describe("labels of several words", () => {
  const told = async (cells: readonly string[], options: CsvOptions = {}): Promise<string[]> => {
    const warnings: Warning[] = [];
    const csv = `id,labels\n${TEN.map((name, i) => `${name},${cells[i % cells.length]}\n`).join("")}`;
    await readCsv(memory(csv, TEN), "photos", "labels.csv", { ...options, onWarning: (warning) => warnings.push(warning) });
    const ours = warnings.filter(({ message }) => message.startsWith("Cells"));
    for (const { hint } of ours) expect(hint).toContain('--labels-separator ""');
    return ours.map(({ message }) => message);
  };

  test("are told to be read as several labels, unless the user said how to read them", async () => {
    const cats = ["tabby cat", "siamese cat", "red fox"];
    expect(await told(cats)).toEqual(['Cells such as "tabby cat" are read as several labels: tabby, cat']);
    expect(await told(["tabby cat", "dog"])).toHaveLength(1);
    expect(await told(cats, { catSeparator: "" })).toEqual([]);
    expect(await told(cats, { catSeparator: " " })).toEqual([]);
    expect(await told(cats, { multiLabel: true })).toEqual([]);
  });

  test("are not seen where labels combine freely", async () => {
    expect(await told(["sand", "sun", "sand sun", "sand sea", "sun sea"])).toEqual([]);
  });
});

test("a table that is separated otherwise is refused with the option that reads it", async () => {
  for (const [mark, word] of [
    [";", '";"'],
    ["\t", "$'\\t'"],
    [" ", '" "'],
  ] as const)
    await expect(readCsv(memory(`id${mark}kind\na${mark}x\nb${mark}y\n`, TEN), "photos", "labels.csv")).rejects.toMatchObject({
      message: "labels.csv has one column only",
      hint: expect.stringContaining(`say so: --separator ${word}.`),
    });
});
