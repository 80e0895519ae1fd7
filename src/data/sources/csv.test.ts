// Tables of labels: what is read, which kind of target it makes, and what each mistake is told. Files need names only, so they are empty here.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { UsageError } from "../../core/errors.ts";
import type { Warning } from "../../core/progress.ts";
import type { ListedDataset } from "../dataset/dataset.ts";
import { type CsvOptions, readCsv } from "./csv.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

/** A folder with the table labels.csv and empty files in "photos". */
function folderOf(csv: string | Uint8Array, ...files: string[]): string {
  const root = mkdtempSync(join(tmpdir(), "thaw-csv-"));
  made.push(root);
  mkdirSync(join(root, "photos"));
  for (const file of files) {
    mkdirSync(dirname(join(root, "photos", file)), { recursive: true });
    writeFileSync(join(root, "photos", file), "");
  }
  writeFileSync(join(root, "labels.csv"), csv);
  return root;
}

const TEN = [..."abcdefghij"];
const read = (root: string, options?: CsvOptions): Promise<ListedDataset> => readCsv(root, "photos", "labels.csv", options);
/** The ten images a to j, with the label of `cell` each, behind a header. */
const table = (cell: (name: string, index: number) => string): string =>
  `id,labels\n${TEN.map((name, i) => `${name},${cell(name, i)}\n`).join("")}`;

async function mistakeOf(
  csv: string | Uint8Array,
  options?: CsvOptions,
  files: readonly string[] = TEN,
): Promise<[string, string | undefined]> {
  const root = folderOf(csv, ...files);
  const error: unknown = await read(root, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UsageError)) throw error ?? new Error("It was read");
  return [error.message.replaceAll(root, "DATA"), error.hint];
}

const names = (source: ListedDataset): string[] => [...source.train, ...source.valid].map(({ name }) => name);

describe("a table", () => {
  test("with one label in each row gives single labels, sorted classes, and fastai's split in the rows' order", async () => {
    const root = folderOf(
      table((_, i) => (i % 2 === 0 ? "dog" : "cat")),
      ...TEN,
    );
    const { kind, classes, train, valid, path } = await read(root);
    expect([kind, classes, path]).toEqual(["single", ["cat", "dog"], root]);
    expect(valid).toEqual([
      { file: join(root, "photos", "b"), name: "photos/b", label: 0 },
      { file: join(root, "photos", "i"), name: "photos/i", label: 1 },
    ]);
    expect(train.map(({ name }) => name)).toEqual([..."acdefghj"].map((name) => `photos/${name}`));
  });

  test("with several labels in any row gives several labels, and none where the cell is empty or NaN", async () => {
    const cells = ["sunny tree", "tree", "", "NaN", "  sunny   tree  ", "tree tree", "rain", "rain sunny", "tree", "tree"];
    const { kind, classes, train, valid } = await read(
      folderOf(
        table((_, i) => cells[i] as string),
        ...TEN,
      ),
      { valIdxs: [1, 3] },
    );
    expect([kind, classes]).toEqual(["multi", ["rain", "sunny", "tree"]]);
    expect(train.map(({ labels }) => labels)).toEqual([[1, 2], [], [1, 2], [2], [0], [0, 1], [2], [2]]);
    expect(valid.map(({ labels, label }) => [labels, label])).toEqual([
      [[2], -1],
      [[], -1],
    ]);
  });

  test("of one label per row may still be of several, where that is said", async () => {
    const root = folderOf(
      table((_, i) => (i === 0 ? "" : i % 2 === 0 ? "dog" : "cat")),
      ...TEN,
    );
    expect((await read(root, { multiLabel: true })).kind).toBe("multi");
  });

  test("of numbers gives one target per column, named by the header", async () => {
    const root = folderOf(`id,age,weight\n${TEN.map((name, i) => `${name},${i},${i / 4}e1\n`).join("")}`, ...TEN);
    const { kind, classes, valid } = await read(root, { continuous: true });
    expect([kind, classes]).toEqual(["continuous", ["age", "weight"]]);
    expect(valid.map(({ values }) => values)).toEqual([
      [1, 2.5],
      [8, 20],
    ]);
    const weights = await read(root, { continuous: true, labelColumns: "weight" });
    expect([weights.classes, weights.valid[0]?.values]).toEqual([["weight"], [2.5]]);
  });

  test("may lack a header, be separated otherwise, and need a suffix", async () => {
    const root = folderOf(
      TEN.map((name, i) => `sub/${name};${i % 2 === 0 ? "golden retriever|wet" : "poodle"}\n`).join(""),
      ...TEN.map((name) => `sub/${name}.jpg`),
    );
    const { classes, kind, train } = await read(root, {
      skipHeader: false,
      separator: ";",
      catSeparator: "|",
      suffix: ".jpg",
      valIdxs: [0],
    });
    expect([kind, classes]).toEqual(["multi", ["golden retriever", "poodle", "wet"]]);
    expect(train[0]?.name).toBe("photos/sub/b.jpg");
    const whole = await read(root, { skipHeader: false, separator: ";", catSeparator: "", suffix: ".jpg" });
    expect([whole.kind, whole.classes]).toEqual(["single", ["golden retriever|wet", "poodle"]]);
  });

  test.each([
    ["a byte order mark and Windows' line breaks", `\ufeff${table((_, i) => `${i % 2}`).replaceAll("\n", "\r\n")}`],
    [
      "line breaks of three kinds",
      table((_, i) => `${i % 2}`)
        .replace("\n", "\r\n")
        .replace("a,0\n", "a,0\r"),
    ],
    [
      "quotation marks, empty lines and rows of nothing",
      `"id","la""bels"\n\n${TEN.map((name, i) => `"${name}", ${i % 2} \n,\n`).join("\n")}`,
    ],
    ['UTF-16, as a spreadsheet\'s "Unicode text"', Buffer.from(`\ufeff${table((_, i) => `${i % 2}`)}`, "utf16le")],
  ])("is read with %s", async (_, csv) => {
    const source = await read(folderOf(csv, ...TEN), { valIdxs: [8, 9] });
    expect(names(source)).toEqual(TEN.map((name) => `photos/${name}`));
    expect(source.classes).toEqual(["0", "1"]);
    expect(source.train.map(({ label }) => label)).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
  });

  test("finds files whose names are spelt otherwise in Unicode, and makes one class of both spellings", async () => {
    const files = ["caf\u00e9", "cafe\u0301s", ..."cdefghij"];
    const csv = `id,l\ncafe\u0301,\u00e9\ncaf\u00e9s,e\u0301\n${[..."cdefghij"].map((name) => `${name},x\n`).join("")}`;
    const source = await read(folderOf(csv, ...files), { valIdxs: [9] });
    expect(source.classes).toEqual(["x", "\u00e9"]);
    expect(source.train.slice(0, 2).map(({ name, label }) => [name, label])).toEqual([
      ["photos/caf\u00e9", 1],
      ["photos/cafe\u0301s", 1],
    ]);
  });

  test("that names an image twice with the same label uses it once, and says so", async () => {
    const warnings: Warning[] = [];
    const root = folderOf(`${table((_, i) => `${i % 2}`)}a,0\n./b,1\n`, ...TEN);
    const source = await read(root, { valIdxs: [0], onWarning: (warning) => warnings.push(warning) });
    expect(names(source)).toHaveLength(10);
    expect(warnings.map(({ message }) => message)).toEqual(
      [
        '1 class has no image to validate on, the first "1"',
        "2 images are named twice, the first in line 12 of labels.csv: each is used once",
      ].reverse(),
    );
  });

  test("takes test images from a folder, without labels", async () => {
    const root = folderOf(
      table((_, i) => `${i % 2}`),
      ...TEN,
    );
    mkdirSync(join(root, "unknown"));
    writeFileSync(join(root, "unknown", "z.jpg"), "");
    const { test: unlabelled } = await read(root, { testName: "unknown" });
    expect(unlabelled.map(({ name, label }) => [name, label])).toEqual([["unknown/z.jpg", -1]]);
  });

  test("leaves a missing file in ten to the check of the images", async () => {
    const source = await read(
      folderOf(
        table((_, i) => `${i % 2}`),
        ..."abcdefghi",
      ),
    );
    expect(names(source)).toContain("photos/j");
  });
});

describe("a mistake in a table is told with its line:", () => {
  const halves = (_: string, i: number): string => `${i % 2}`;
  test.each<[string, string | Uint8Array, CsvOptions, string, string | undefined]>([
    [
      "a row without label",
      table((name, i) => (name === "c" ? "" : halves(name, i))),
      {},
      "There is no label in line 4 of labels.csv",
      "Label it or remove it; if an image may have none of the labels, say that there may be several (multiLabel, --multi-label).",
    ],
    [
      "a row without file name",
      `${table(halves)},1\n`,
      {},
      "There is no file name in line 12 of labels.csv",
      "Fill it in, or take the row out.",
    ],
    [
      "a file outside",
      `${table(halves)}../labels.csv,1\n`,
      {},
      'The file name "../labels.csv" of line 12 of labels.csv does not lead to a file in DATA/photos',
      "Name files relative to that folder.",
    ],
    [
      "an absolute file",
      `${table(halves)}/etc/passwd,1\n`,
      {},
      'The file name "/etc/passwd" of line 12 of labels.csv does not lead to a file in DATA/photos',
      "Name files relative to that folder.",
    ],
    [
      "a NUL",
      `${table(halves)}a\0,1\n`,
      {},
      'The file name "a\\u0000" of line 12 of labels.csv does not lead to a file in DATA/photos',
      "Name files relative to that folder.",
    ],
    [
      "two labels for one file",
      `${table(halves)}a,1\n`,
      {},
      "photos/a has one label in line 2 of labels.csv and another in line 12 of labels.csv",
      "Keep one of them; several labels of one image belong into one place.",
    ],
    [
      "rows of other lengths",
      `${table(halves)}a,1,2\n`,
      {},
      "labels.csv is not a table: line 12 has 3 cells, and the rows before it 2",
      "Put cells that hold separators or line breaks in quotation marks.",
    ],
    [
      "an open quotation mark",
      `${table(halves)}"a,1\n`,
      {},
      "labels.csv is not a table: a quotation mark on line 12 is not closed",
      "Put cells that hold separators or line breaks in quotation marks.",
    ],
    [
      "a cell without end",
      `${table(halves)}"a${"x".repeat(1_000_001)}`,
      {},
      "labels.csv is not a table: the row on line 12 has more than 1000000 characters: a quotation mark may not be closed",
      "Put cells that hold separators or line breaks in quotation marks.",
    ],
    ["one class", table(() => "cat"), {}, 'All images are of the class "cat"', "At least two classes are needed to tell apart."],
    ["no rows", "id,labels\n", {}, "labels.csv has no rows after its header", "Each row names an image and its labels."],
    ["an empty file", "", {}, "labels.csv has no rows", "Each row names an image and its labels."],
    [
      "one column",
      "id\na\nb\n",
      {},
      "labels.csv has one column only",
      "The first column names the images, the second holds their labels; another separator than the comma must be named.",
    ],
    [
      "bytes that are no text",
      Uint8Array.of(0x69, 0x64, 0x2c, 0xe9, 0x0a),
      {},
      "labels.csv is not text in UTF-8",
      "Save it as CSV in UTF-8.",
    ],
    [
      "words for numbers",
      table((_, i) => (i === 3 ? "1,5".replace(",", "·") : "1")),
      { continuous: true },
      'Expected a number for line 5 of labels.csv but received "1·5"',
      "Write numbers as 0.25 or 1e-3, fill in what is missing, or take the row out.",
    ],
    [
      "numbers for classes",
      `id,age\n${Array.from({ length: 30 }, (_, i) => `x${i},${i / 8}\n`).join("")}`,
      {},
      "The labels of labels.csv are 30 different numbers in 30 rows",
      "To predict numbers, say that they are continuous (continuous: true, --continuous).",
    ],
    ["a column that is not there", table(halves), { labelColumns: "breed" }, 'labels.csv has no column "breed"', "It has: id, labels."],
    [
      "the images' own column",
      table(halves),
      { labelColumns: "id" },
      'The column "id" of labels.csv names the images',
      "Labels may be in: labels.",
    ],
    [
      "an index beyond the rows",
      table(halves),
      { valIdxs: [10] },
      "Expected whole numbers from 0 to 9 for valIdxs but received 10",
      undefined,
    ],
    [
      "a class that is not listed",
      table(halves),
      { classes: ["0", "2"] },
      'The class "1" of line 3 of labels.csv is not among the classes',
      "These are: 0, 2.",
    ],
  ])("%s", async (_, csv, options, message, hint) => {
    expect(await mistakeOf(csv, options)).toEqual([message, hint]);
  });

  test("files that are not there, with the suffix that they lack", async () => {
    expect(
      await mistakeOf(
        table(halves),
        {},
        TEN.map((name) => `${name}.jpg`),
      ),
    ).toEqual([
      '10 of 10 images, the first "a" of line 2 of labels.csv, are not in DATA/photos',
      'There is "a.jpg": is the suffix ".jpg" missing?',
    ]);
    expect(await mistakeOf(table(halves), { suffix: ".png" }, [])).toEqual([
      '10 of 10 images, the first "a.png" of line 2 of labels.csv, are not in DATA/photos',
      "Check the folder and the names.",
    ]);
  });

  test("a table that is not there, and a folder outside", async () => {
    const root = folderOf("");
    await expect(readCsv(root, "photos", "missing.csv")).rejects.toThrow(/^The table .*missing.csv does not exist$/);
    writeFileSync(join(root, "labels.csv"), table(halves));
    await expect(readCsv(root, "..", "labels.csv")).rejects.toThrow(`The folder .. is not inside ${root}`);
    await expect(readCsv(root, "/tmp", "labels.csv")).rejects.toThrow(`The folder /tmp is not inside ${root}`);
  });
});

test("whatever a table holds, each row becomes an image with its label, or the mistake is told", async () => {
  const cell = fc.oneof(
    fc.constantFrom(
      "",
      "a",
      "b",
      "cat",
      "cat dog",
      "nan",
      "1",
      "-2.5e3",
      "../a",
      "/etc/passwd",
      "a\0",
      "..",
      ".",
      "a/../b",
      '"',
      "é",
      "e\u0301",
      "__proto__",
      "x".repeat(500),
    ),
    fc.string({ unit: "binary", maxLength: 8 }),
  );
  const root = folderOf("", ...TEN, "é", "cat");
  const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.oneof(fc.constantFrom(...TEN, "é", "cat"), cell), cell), { minLength: 1, maxLength: 30 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.constantFrom("", "\ufeff"),
      fc.boolean(),
      fc.boolean(),
      async (rows, lineBreak, mark, quoted, continuous) => {
        const written = rows.map((row) => row.map((text) => (quoted ? quote(text) : text)).join(","));
        writeFileSync(join(root, "labels.csv"), `${mark}id,label${lineBreak}${written.join(lineBreak)}`);
        const source = await read(root, { continuous, valIdxs: [0] }).catch((error: unknown) => {
          if (!(error instanceof UsageError)) throw error;
          expect(error.message.length).toBeGreaterThan(10);
          return undefined;
        });
        if (!source) return;
        const items = [...source.train, ...source.valid];
        for (const item of items) expect(item.file.startsWith(`${root}/photos/`)).toBe(true);
        expect(new Set(items.map(({ file }) => file)).size).toBe(items.length);
        if (!quoted) return;
        // Nothing is lost: every row that says anything is an image, and its label is one of the classes.
        const asked = new Set(rows.filter((row) => row.some((text) => text !== "")).map(([name]) => name.trim().normalize("NFC")));
        const found = new Set(items.map(({ name }) => name.slice("photos/".length).normalize("NFC")));
        for (const name of asked) expect([...found]).toContain(name.replace(/^a\/\.\.\//, ""));
        if (source.kind !== "continuous")
          for (const { label, labels } of items) for (const index of labels ?? [label]) expect(source.classes[index]).toBeDefined();
      },
    ),
    { numRuns: 300 },
  );
});
