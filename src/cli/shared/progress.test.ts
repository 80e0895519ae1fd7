// Progress: its words, its bar, and how seldom it writes where output is kept.

import { expect, test } from "vitest";
import { barText, progressLines, progressText } from "./progress.ts";

const at = (done: number, total = 23_000) => ({ task: "Computing activations", done, total, unit: "images" });

test("speed and time left are of this run, not of what it found done", () => {
  expect(progressText(at(4_600), { seconds: 10, done: 1_200 })).toBe("4,600 of 23,000 images, 120 images/s, 02:33 left");
});

test("slow work shows a decimal, finished work no time left, fresh work no speed", () => {
  expect(progressText(at(5, 10), { seconds: 2, done: 5 })).toBe("5 of 10 images, 2.5 images/s, 00:02 left");
  expect(progressText(at(10, 10), { seconds: 2, done: 10 })).toBe("10 of 10 images, 5.0 images/s");
  expect(progressText(at(5, 10), { seconds: 0.1, done: 5 })).toBe("5 of 10 images");
});

test("the bar fits its terminal: shorter bar, no bar, shorter words", () => {
  const bars = [120, 90, 70, 40].map((width) => barText(at(4_600), { seconds: 10, done: 1_200 }, width));
  expect(bars.join("\n")).toMatchInlineSnapshot(`
    "Computing activations  ██████░░░░░░░░░░░░░░░░░░░░░░░░  20 %  4,600 of 23,000 images, 120 images/s, 02:33 left
    Computing activations  ██░░░░░░░░  20 %  4,600 of 23,000 images, 120 images/s, 02:33 left
    Computing activations  ██████░░░░░░░░░░░░░░░░░░░░░░  20 %  02:33 left
    Computing activations  ██░░░░░░░░  20 %"
  `);
  expect(bars.map((bar, i) => bar.length < [120, 90, 70, 40][i]!)).toEqual([true, true, true, true]);
});

function linesOf(reports: readonly (readonly [seconds: number, done: number, task?: string])[]): string[] {
  let now = 0;
  const lines: string[] = [];
  const display = progressLines(
    (line) => lines.push(line),
    // As a real clock, it never shows the same time twice.
    () => (now += 1e-9),
  );
  for (const [seconds, done, task = "Checking"] of reports) {
    now = seconds;
    display.report({ task, done, total: 100, unit: "images" });
  }
  return lines;
}

test("kept output gets one line for each tenth, and none within five seconds", () => {
  const everySecond = Array.from({ length: 101 }, (_, i) => [i, i] as const);
  expect(linesOf(everySecond)).toHaveLength(10);
  expect(linesOf(everySecond)[0]).toBe("Checking: 10 %, 10 of 100 images, 1.0 images/s, 01:30 left");
  const fast = Array.from({ length: 101 }, (_, i) => [i / 8, i] as const);
  expect(linesOf(fast)).toEqual([
    "Checking: 40 %, 40 of 100 images, 8.0 images/s, 00:08 left",
    "Checking: 80 %, 80 of 100 images, 8.0 images/s, 00:03 left",
  ]);
});

test("a task that is quick, or done before, writes nothing", () => {
  expect(
    linesOf([
      [0, 0],
      [1, 50],
      [2, 100],
    ]),
  ).toEqual([]);
  expect(
    linesOf([
      [0, 100],
      [60, 100],
    ]),
  ).toEqual([]);
});

test("a task that begins again is measured anew", () => {
  const lines = linesOf([
    [0, 0],
    [10, 100],
    [20, 0],
    [40, 50],
  ]);
  expect(lines).toEqual(["Checking: 100 %, 100 of 100 images, 10 images/s", "Checking: 50 %, 50 of 100 images, 2.5 images/s, 00:20 left"]);
});
