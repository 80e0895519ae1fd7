// The page that sets fastai's second lesson beside thaw: its JavaScript, put together, runs on pictures and a table like the competition's.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { runPage } from "./run-page.ts";

/** Pictures of 48 pixels: bright if clear and grey if hazy, with a blue band if there is water. */
async function drawPlanet(folder: string): Promise<void> {
  const planet = join(folder, "data", "planet");
  const rows: string[] = [];
  for (const [part, count] of [
    ["train", 60],
    ["test", 5],
  ] as const) {
    await mkdir(join(planet, `${part}-jpg`), { recursive: true });
    for (let i = 0; i < count; i++) {
      const [clear, water] = [i % 2 === 0, i % 3 === 0];
      const land = clear ? { r: 40, g: 150 + (i % 30), b: 50 } : { r: 170, g: 175, b: 170 + (i % 30) };
      const band = { create: { width: 48, height: 14, channels: 3 as const, background: { r: 20, g: 40, b: 160 } } };
      const picture = sharp({ create: { width: 48, height: 48, channels: 3, background: land } });
      await (water ? picture.composite([{ input: band, top: i % 30, left: 0 }]) : picture)
        .jpeg()
        .toFile(join(planet, `${part}-jpg`, `${part}_${i}.jpg`));
      if (part === "train") rows.push(`train_${i},${clear ? "clear" : "haze"} primary${water ? " water" : ""}`);
    }
  }
  await writeFile(join(planet, "train_v2.csv"), `image_name,tags\n${rows.join("\n")}\n`);
}

test("the second lesson's lines train on several labels, find a threshold and write a submission", async () => {
  const { stdout, folder, files } = await runPage("docs/lesson2.md", { prepare: drawPlanet, smaller: [["withSize(96)", "withSize(80)"]] });
  expect(stdout).toContain("[ 'clear', 'haze', 'primary', 'water' ]");
  expect(stdout.match(/^\d+ [\d.]+ [\d.]+ [01]\.\d{4}$/gm)).toHaveLength(15);
  expect(stdout).toMatch(/^threshold 0(\.\d+)?$/m);
  expect(files).toEqual(expect.arrayContaining(["batch.png", "lr-find.svg", "thresholds.svg", "submission.csv", "planet-model"]));
  const [head, ...rows] = (await readFile(join(folder, "submission.csv"), "utf8")).trimEnd().split("\n");
  expect(head).toBe("image_name,tags");
  expect(rows.map((row) => row.split(",")[0])).toEqual([0, 1, 2, 3, 4].map((i) => `test_${i}`));
  expect(rows.every((row) => /,(clear|haze|primary|water| )*$/.test(row))).toBe(true);
}, 300_000);
