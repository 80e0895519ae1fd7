// The page of whole runs, made from a few rows.

import { beforeAll, expect, test } from "vitest";

type Row = Readonly<Record<string, unknown>>;
let page: string;

const run = (side: string, seed: number, final: number, processorSeconds: number, more: Row = {}): Row => ({
  ...{ data: "pets", per_class: 10, seed, size: 128, side, train: 20, processorSeconds, threads: 1, date: "2026-12-01", machine: "M" },
  test: { plain: final, tta: final },
  stages: {},
  ...more,
});

beforeAll(async () => {
  const { tableOf } = (await import(new URL("../../bench/fastai/whole-table.mjs", import.meta.url).href)) as {
    tableOf: (kinds: ReadonlyMap<string, readonly Row[]>) => string;
  };
  const staged = (precompute: number, kept: boolean): Row => ({
    stages: { precompute: { kept, processorSeconds: 4 }, tta: { kept: true, processorSeconds: 6 } },
    test: { plain: precompute, tta: precompute + 0.01, after: { probe: { plain: 0.9 }, precompute: { plain: precompute } } },
  });
  page = tableOf(
    new Map([
      ["fast", [run("mobilenet_v2", 1, 0.9, 10), run("fastai", 1, 0.86, 80), run("mobilenet_v2", 2, 0.92, 10), run("fastai", 2, 0.92, 40)]],
      [
        "slow",
        [
          run("mobilenet_v2", 1, 0.94, 20),
          run("fastai", 1, 0.86, 60),
          run("mobilenet_v2, larger", 1, 0.95, 20),
          // Measured beside another machine's row: no ratio.
          run("mobilenet_v2", 3, 0.9, 1000, { machine: "N" }),
          run("fastai", 3, 0.9, 60),
          run("thaw_small", 1, 0, 30, staged(0.91, true)),
          run("thaw_small", 2, 0, 10, staged(0.88, false)),
        ],
      ],
    ]),
  );
});

test("accuracies of all kinds of processor count together: those of one seed as one, ratios of time on one machine alone", () => {
  // Differences by seed: (4 + 8) / 2, 0 and 0, with mean 2 and deviation √12; ratios 8, 4 and 3.
  expect(page).toContain("| pets | 10 | 3 | 91.3 | 89.3 | +2.0 ± 2.0 | 5.0 |");
});

test("what stages gain has its standard error, and in which share of the runs it was kept", () => {
  expect(page).toContain("| thaw_small | pets | 10 | 2 | 90.0 % | −0.5 ± 1.5 (50 %) | – | – | +1.0 ± 0.0 (100 %) |");
});

test("another recipe is compared with the default one on the same seeds of the same kind", () => {
  expect(page).toContain("| mobilenet_v2 | pets | 10 | 1 | 91.3 % | – | – | 95.0 % (+1.0) |");
});

test("seconds are told for each kind", () => {
  const [, fast, slow] = page.split("\n## Processor time on ") as [string, string, string];
  expect(fast.split("\n")[0]).toBe("fast");
  expect(fast).toContain("| fastai | pets | 10 | 2 | 60 | – | – | – | – |");
  expect(slow).toContain("| thaw_small | pets | 10 | 2 | 20 | 4 | – | – | 6 |");
  expect(slow).toContain("M; N, one thread");
});
