// Colours, numbers, and what a stream gets.

import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { clock, paintFor, percent, printLines, quantity, wrapWords } from "./terminal.ts";

test("colours are for terminals, and NO_COLOR has the last word", () => {
  const colours = (isTTY: boolean, env: NodeJS.ProcessEnv): boolean => paintFor({ isTTY }, env).red("x") !== "x";
  expect(colours(true, {})).toBe(true);
  expect(colours(false, {})).toBe(false);
  expect(colours(true, { NO_COLOR: "1" })).toBe(false);
  expect(colours(true, { NO_COLOR: "" })).toBe(true);
  expect(colours(true, { TERM: "dumb" })).toBe(false);
  expect(colours(false, { FORCE_COLOR: "1" })).toBe(true);
  expect(colours(true, { FORCE_COLOR: "0" })).toBe(false);
  expect(colours(true, { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
});

test("durations read as a clock", () => {
  expect([0, 59.6, 65, 3599, 3605, 360_000].map(clock)).toEqual(["00:00", "01:00", "01:05", "59:59", "1:00:05", "100:00:00"]);
});

test("amounts read as a person writes them", () => {
  expect([quantity(1, "class", "classes"), quantity(2, "class", "classes"), quantity(23_000, "photograph")]).toEqual([
    "1 class",
    "2 classes",
    "23,000 photographs",
  ]);
  expect([percent(0.98333), percent(1), percent(Number.NaN)]).toEqual(["98.3 %", "100.0 %", "–"]);
});

test("a stream gets colours at most, and words wrapped to its width", () => {
  const printed = (isTTY: boolean, columns: number, line: string, env: NodeJS.ProcessEnv = {}): string => {
    const stream = Object.assign(new PassThrough(), { isTTY, columns });
    vi.stubEnv("NO_COLOR", env.NO_COLOR);
    vi.stubEnv("FORCE_COLOR", env.FORCE_COLOR);
    vi.stubEnv("TERM", "xterm");
    printLines(stream, [line]);
    vi.unstubAllEnvs();
    return String(stream.read());
  };
  const line = "\u001b[31mred\u001b[39m \u001b]0;title\u0007\u001b[2J\u009b2J\ttext\r\nnew \u202eend";
  expect(printed(true, 80, line)).toBe("\u001b[31mred\u001b[39m \ttext??new ?end\n");
  expect(printed(true, 80, line, { NO_COLOR: "1" })).toBe("red \ttext??new ?end\n");
  expect(printed(false, 12, "a line that is not wrapped")).toBe("a line that is not wrapped\n");
  expect(printed(true, 12, "  a line that is wrapped")).toBe("  a line\n  that is\n  wrapped\n");
});

test("a line that is too long breaks between words, and colours take no room", () => {
  expect(wrapWords("train all layers, the earliest slowest", 12)).toEqual(["train all", "layers, the", "earliest", "slowest"]);
  expect(wrapWords("\u001b[1mtrain\u001b[22m all", 9)).toEqual(["\u001b[1mtrain\u001b[22m all"]);
  expect(wrapWords("  1  0.5", 80)).toEqual(["  1  0.5"]);
  expect(wrapWords("/a/very/long/path is kept", 10)).toEqual(["/a/very/long/path", "is kept"]);
  expect(wrapWords("", 10)).toEqual([""]);
  expect(wrapWords("  thaw train a/long/folder", 10)).toEqual(["  thaw train a/long/folder"]);
  for (const command of [
    "  npx thaw train a/folder",
    "  pnpm exec thaw train a",
    "    thaw jobs retry postgres://host",
    "  curl --data-binary @a",
  ])
    expect(wrapWords(command, 10)).toEqual([command]);
  expect(wrapWords("猫と犬 の写真", 8)).toEqual(["猫と犬", "の写真"]);
});
