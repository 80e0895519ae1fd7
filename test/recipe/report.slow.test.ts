// A run ends with its report, which can be made again, also when the photographs have gone.

import { copyFileSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drawSample, readReport, train, writeReport } from "../../src/index.ts";
import { temporaryFolder } from "../learner/tiny.ts";

test("a run leaves a report with pictures and heat maps; without the photographs it can be made of the numbers", {
  timeout: 120_000,
}, async () => {
  const root = await temporaryFolder();
  const [folder, out] = [join(root, "pets"), join(root, "model")];
  await drawSample({ folder, count: 8 });
  const { model, report } = await train({
    folder,
    out,
    force: false,
    size: 64,
    bs: 8,
    stages: ["precompute"],
    epochs: [1],
    tta: 0,
    onEvent: () => {},
  });
  expect(report).toBe(join(model, "report.html"));
  const page = readFileSync(join(model, "report.html"), "utf8");
  expect(page).toContain("What each stage gained");
  expect(page).toContain("where the network looked");
  expect(page.match(/src="data:image\/jpeg;base64,/g)?.length).toBeGreaterThan(8);
  expect(page).toContain(`npx thaw train ${folder} --recipe ${join(model, "recipe.json")} --out again`);
  const { stages, predictions, classes, model: network } = await readReport(model);
  expect(network.imagesPerSecond).toBeGreaterThan(0);
  expect(network.bytes).toBe(["model.json", "weights.safetensors"].reduce((sum, name) => sum + statSync(join(model, name)).size, 0));
  expect(page).toContain(`<b>${(network.bytes / 1e6).toFixed(1)} MB</b>`);
  expect(page).toMatch(/<b>[\d.]+\/s<\/b><span>photographs at 64 pixels/);
  expect(stages.map(({ name }) => name)).toEqual(["precompute"]);
  expect(classes).toEqual(["cats", "dogs"]);
  expect(predictions.probabilities).toHaveLength(2 * predictions.files.length);
  rmSync(folder, { recursive: true });
  expect(await writeReport(model)).toBe(join(model, "report.html"));
  const numbers = readFileSync(join(model, "report.html"), "utf8");
  expect(numbers).toContain("Class by class");
  expect(numbers).not.toContain("<img");
  rmSync(join(model, "run.json"));
  await expect(readReport(model)).rejects.toThrow("has no record of its run");
});

test("a run over two sizes tells them apart, and of a hundred photographs the report says what is doubted", {
  timeout: 120_000,
}, async () => {
  const root = await temporaryFolder();
  const [folder, out] = [join(root, "pets"), join(root, "model")];
  await drawSample({ folder, count: 38 });
  // A copy under the other class, across training and validation.
  copyFileSync(join(folder, "train/cats/cat-0001.jpg"), join(folder, "valid/dogs/copy.jpg"));
  await train({ folder, out, force: false, sizes: [64, 96], stages: ["precompute"], epochs: [1, 2], tta: 0, onEvent: () => {} });
  const { history, finders, stages, problems } = await readReport(out);
  const names = ["precompute (64 pixels)", "precompute (96 pixels)"];
  expect(stages.map(({ name }) => name)).toEqual(names);
  expect(finders.map(({ stage }) => stage)).toEqual(names);
  expect(history.map(({ name, epochs }) => [name, epochs.length])).toEqual([
    [names[0], 1],
    [names[1], 2],
  ]);
  const copy = problems?.duplicates.find(({ files }) => files.includes("valid/dogs/copy.jpg"));
  expect(copy).toMatchObject({ files: ["train/cats/cat-0001.jpg", "valid/dogs/copy.jpg"], leak: true, conflict: true });
  const page = readFileSync(join(out, "report.html"), "utf8");
  const doubts = page.slice(page.indexOf('<section id="data">'), page.indexOf('<section id="settings">'));
  expect(doubts).toContain("labels are likely wrong");
  expect(doubts).toMatch(/<img src="data:image\/jpeg;base64,[^"]+" alt="train\/cats\/cat-0001.jpg"/);
  expect(doubts).toMatch(/<img src="data:image\/jpeg;base64,[^"]+" alt="valid\/dogs\/copy.jpg"/);
});
