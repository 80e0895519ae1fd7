// The parser of tables against csv-parse, on random texts, and what tables may cost.

import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import { parseTable, TABLE_LIMITS } from "./table.ts";

const read = (text: string, separator?: string) =>
  parseTable({ name: "t.csv", bytes: new TextEncoder().encode(text) }, { header: false, separator });

/** Rows and lines by csv-parse, or undefined if it refuses the text. */
function byLibrary(text: string, delimiter: string): { cells: string[]; line: number }[] | undefined {
  try {
    const rows = parse(text, { delimiter, info: true, record_delimiter: ["\r\n", "\n", "\r"], skip_empty_lines: true }) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    return rows
      .filter(({ record }) => record.some((cell) => cell !== ""))
      .map(({ record, info }) => ({ cells: record.map((cell) => cell.trim()), line: info.lines }));
  } catch {
    return undefined;
  }
}

test("three thousand random texts are read, or refused, as csv-parse does", () => {
  let [tables, refused] = [0, 0];
  for (let i = 0; i < 3000; i++) {
    const random = randomStream("tables", i);
    const pieces = ["a", "bé", " ", ",", ",", ";", "\n", "\r\n", '"', '"x, y"', '"say ""no"""', '"two\nlines"', "1.5", '""'];
    const text = Array.from({ length: random.integer(1, 14) }, () => pieces[random.integer(0, pieces.length - 1)]).join("");
    const separator = random.chance(0.2) ? ";" : ",";
    const wanted = byLibrary(text, separator);
    if (!wanted || wanted.length === 0) {
      refused++;
      expect(() => read(text, separator), JSON.stringify(text)).toThrow(/is not a table|has no rows/);
      continue;
    }
    tables++;
    const table = read(text, separator);
    // csv-parse counts two lines for a break of two characters in quotation marks.
    const lineOf = (row: number): number | undefined => (text.includes("\r") ? wanted[row]?.line : table.line(row));
    const found = table.map((cells, row) => ({ cells, line: lineOf(row) }));
    expect(found, JSON.stringify(text)).toEqual(wanted);
  }
  expect(Math.min(tables, refused)).toBeGreaterThan(500);
});

test.each<[string, () => string, RegExp]>([
  ["commas", () => ",".repeat(3e7), /line 1 has more than 10000 cells/],
  ["quotation marks", () => '"'.repeat(3e7 + 1), /more than 1000000 characters/],
  ["one line", () => "a".repeat(3e7), /more than 1000000 characters/],
  ["rows", () => "a\n".repeat(TABLE_LIMITS.rows + 1), /more than 10000000 rows/],
  ["line breaks", () => "\n".repeat(3e7), /has no rows/],
])("nothing but %s is refused before it costs much", (_, text, message) => {
  const made = text();
  // The other threads of the tests count as well, so the best of three tries is taken.
  const seconds = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage();
    expect(() => read(made)).toThrow(message);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  expect(Math.min(...seconds)).toBeLessThan(2);
});

test("a million rows of a name and a label are read", () => {
  const text = Array.from({ length: 1e6 }, (_, i) => `train/photo-${String(i).padStart(8, "0")}.jpg,class${i % 100}`).join("\n");
  const table = read(text);
  expect(table.rows).toBe(1e6);
  expect(table.cells(999_999)).toEqual(["train/photo-00999999.jpg", "class99"]);
  expect(table.line(999_999)).toBe(1e6);
});
