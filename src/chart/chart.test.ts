import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { expect, onTestFinished, test } from "vitest";
import { confusionChart } from "./confusion.ts";
import { learningRateChart } from "./learning-rate.ts";
import { linesChart } from "./lines.ts";
import { palettes } from "./palette.ts";

const chart = () =>
  linesChart({
    title: "Loss & rate",
    x: "batch",
    panels: [
      {
        name: "loss",
        lines: [
          {
            name: "training",
            points: [
              [0, 1],
              [1, Number.NaN],
              [2, 0.5],
            ],
          },
          {
            name: "chance",
            reference: true,
            points: [
              [0, 1],
              [2, 1],
            ],
          },
        ],
      },
    ],
    marks: [{ at: 1, label: "unfreeze" }],
  });

test("a chart is an SVG with its title, axes, marks and a description, the same each time it is drawn", () => {
  const svg = chart().svg();
  expect(svg).toMatch(/^<svg role="img" aria-label="Loss &amp; rate" width="640" height="410"/);
  for (const text of ["Loss &amp; rate", "batch", "loss", "training", "chance", "unfreeze"]) expect(svg).toContain(`>${text}</text>`);
  expect(svg).toContain(palettes.light.series[0] as string);
  expect(chart().svg()).toBe(svg);
  expect(String(chart())).toBe(svg);
});

test("on a dark background it has other colours, and in a page the page's", () => {
  expect(chart().svg("dark")).toContain(palettes.dark.ground);
  const page = chart().svg("page");
  expect(page).toContain('stroke="var(--series-1)"');
  // Lines without a width, and clipping paths, have no visible colour.
  expect(page).not.toMatch(/fill="#(?!000")|stroke="#[^>]* stroke-width="[^0]/);
});

test("a chart saves itself as an SVG or as a PNG at twice the resolution; other names are refused", async () => {
  const folder = await mkdtemp(join(tmpdir(), "chart-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await chart().save(join(folder, "a.svg"), { theme: "dark" });
  expect(await readFile(join(folder, "a.svg"), "utf8")).toBe(chart().svg("dark"));
  await chart().save(join(folder, "a.png"));
  expect(await sharp(join(folder, "a.png")).metadata()).toMatchObject({ format: "png", width: 1280, height: 820 });
  await expect(chart().save(join(folder, "a.jpg"))).rejects.toThrow(/a name that ends in .svg or .png for the chart's file but received/);
});

test("a chart shows itself in Deno's notebooks and in tslab", () => {
  const shown = chart() as unknown as Record<symbol, () => Record<string, string>>;
  expect(shown[Symbol.for("Jupyter.display")]?.()).toEqual({ "image/svg+xml": chart().svg(), "text/plain": "Loss & rate" });
  const told: string[] = [];
  chart().show({ svg: (text) => told.push(text) });
  expect(told).toEqual([chart().svg()]);
});

test("the finder's curve marks each rule's rate with its name", () => {
  const svg = learningRateChart({
    lrs: [1e-4, 1e-3, 1e-2],
    losses: [1, 0.5, 2],
    suggestions: { valley: 1e-3, slide: undefined, steep: 1e-3 },
  }).svg();
  expect(svg).toContain(">valley, steep</text>");
  expect(svg).toContain("suggestions: valley 1.0e-3, steep 1.0e-3");
  expect(svg).not.toContain("slide");
});

test("a confusion matrix shows counts or shares of the row, true classes in rows, and no empty cells", () => {
  const matrix = { classes: ["cats", "<b>dogs"], counts: [3, 1, 0, 5] };
  const svg = confusionChart(matrix).svg();
  expect(svg.match(/>[0-9.]+<\/text>/g)).toEqual([">3</text>", ">1</text>", ">5</text>"]);
  expect(svg).toContain("&lt;b>dogs".replace(">", "&gt;"));
  expect(confusionChart({ ...matrix, normalize: true }).svg()).toContain(">0.75</text>");
});

test("with 100 classes a confusion matrix has no numbers and stays small", () => {
  const classes = Array.from({ length: 100 }, (_, i) => `class ${i}`);
  const svg = confusionChart({ classes, counts: Float64Array.from({ length: 10_000 }, (_, i) => i % 3) }).svg();
  expect(svg).not.toMatch(/>[0-9]+<\/text>/);
  expect(svg.length).toBeLessThan(2_000_000);
});

test("a chart can be drawn for a narrow place, with text of the same size", () => {
  const [wide, narrow] = [chart().svg("light"), chart().svg("light", 335)];
  const sizes = (svg: string) => new Set(svg.match(/font-size:[\d.]+px/g));
  expect(narrow).toContain('width="335" height="410"');
  expect(sizes(narrow)).toEqual(sizes(wide));
  const names = Array.from({ length: 20 }, (_, i) => `class ${i}`);
  const matrix = confusionChart({ classes: names, counts: new Array(400).fill(1) });
  // Cells keep room for their numbers.
  expect(matrix.svg("light", 335)).toContain(`width="${130 + 20 * 28 + 20}"`);
});

test("a vertical axis with a given range is divided evenly", () => {
  const lines = [{ name: "accuracy", points: [[0, 0.85] as const, [1, 0.9] as const] }];
  const svg = linesChart({ title: "Accuracy", x: "epoch", panels: [{ name: "accuracy", range: [0.8, 1], lines }] }).svg("page");
  const shown = [...svg.matchAll(/>([\d.]+)</g)].map(([, text]) => text);
  expect(shown).toEqual(expect.arrayContaining(["0.8", "0.84", "0.88", "0.92", "0.96", "1"]));
  expect(shown).not.toContain("0.99");
});
