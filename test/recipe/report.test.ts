// A run ends with its report, which can be made again, also when the photographs have gone.

import { readFileSync, rmSync, statSync } from "node:fs";
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
  expect(page).toContain(`thaw train ${folder} --recipe ${join(model, "recipe.json")} --out again`);
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
