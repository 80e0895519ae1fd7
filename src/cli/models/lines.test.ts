// The table of what networks cost.

import { expect, test } from "vitest";
import { plain } from "../shared/terminal.ts";
import { byRightAnswers, measuredLines, modelLines } from "./lines.ts";
import { catalogueRows } from "./rows.ts";

test("the catalogue fits a terminal of 80 columns", async () => {
  const lines = modelLines(await catalogueRows(), { ...plain, width: 80 });
  const table = lines.slice(0, lines.indexOf(""));
  expect(table.length).toBeGreaterThan(40);
  expect(table.filter((line) => line.length > 80)).toEqual([]);
});

test("costs are a table of images a second and megabytes, slow ones with a digit behind the point", () => {
  const common = { size: 224, bs: 16, frozenMemory: 512, trainingMemory: 2048 };
  const rows = [
    { network: "mobilenet_v2", top1: 72.91, ...common, frozen: 1234.5, training: 21.4 },
    { network: "vgg16_bn", ...common, frozen: 12.3, training: 2.34 },
  ];
  expect(measuredLines(rows, plain)).toEqual([
    "network       size  top-1  right/s  frozen/s   MB  training/s     MB",
    "mobilenet_v2   224   72.9      900     1,235  512          21  2,048",
    "vgg16_bn       224      –        –        12  512         2.3  2,048",
    "",
    "Images a second, 16 in a batch: frozen from pixels to features, and in training steps of all layers, without reading photographs. " +
      "right/s: top-1 times frozen/s, the order of the rows. MB: the most memory.",
  ]);
});

test("what is measured is sorted by the right answers that a second buys; without a published accuracy it comes last", () => {
  const row = (network: string, frozen: number, top1?: number) =>
    ({ network, frozen, ...(top1 && { top1 }), training: 1, size: 224, bs: 16, frozenMemory: 1, trainingMemory: 1 }) as const;
  const rows = [row("unknown", 900), row("accurate", 50, 80), row("fast", 100, 50), row("slow", 10, 90)];
  expect(byRightAnswers(rows).map(({ network }) => network)).toEqual(["fast", "accurate", "slow", "unknown"]);
});
