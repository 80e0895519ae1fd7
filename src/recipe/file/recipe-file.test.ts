import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { diskStore } from "../../core/store/disk.node.ts";
import { planRecipe } from "../plan/plan-recipe.ts";
import { readRecipe, writeRecipe } from "./recipe-file.ts";

const data = { fingerprint: "f", classes: 2, train: 20, valid: 10 };
const recipe = planRecipe({}, undefined, { train: 20, classCounts: [10, 10], cores: 2 }, data, () => 160);

test("a recipe file is read as it was written, and none is no mistake", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "thaw-")), "recipe.json");
  expect(await readRecipe(file)).toBeUndefined();
  await writeRecipe(diskStore(dirname(file)), recipe);
  expect(await readRecipe(file)).toEqual(recipe);
});

test.each([
  ["a word that is none", { ...recipe, augment: "sideways" }, "augment: Invalid type"],
  ["a field that nobody knows", { ...recipe, sede: 42 }, 'sede: Invalid key: Expected never but received "sede"'],
  ["a stage of no epochs", { ...recipe, stages: [{ ...recipe.stages[0], cycles: 0 }] }, "stages.0.cycles: Invalid value"],
  ...[2 ** 31, 2 ** 53, 1e308].map(
    (cycles) => [`${cycles} cycles`, { ...recipe, stages: [{ ...recipe.stages[0], cycles }] }, "stages.0.cycles: Invalid"] as const,
  ),
  ["a rate of zero", { ...recipe, stages: [{ ...recipe.stages[0], lr: 0 }] }, "stages.0.lr: Invalid value"],
  ["another version", { ...recipe, version: 2 }, "version: Invalid type"],
] as const)("a recipe file with %s is refused by name", async (_, wrong, message) => {
  const file = join(await mkdtemp(join(tmpdir(), "thaw-")), "recipe.json");
  await writeFile(file, JSON.stringify(wrong));
  await expect(readRecipe(file)).rejects.toMatchObject({
    name: "UsageError",
    message: expect.stringContaining(`${file} is not a recipe of this version of thaw: ${message}`),
  });
});

test("a recipe file that is no JSON is refused", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "thaw-")), "recipe.json");
  await writeFile(file, "{");
  await expect(readRecipe(file)).rejects.toThrow(`${file} is not JSON`);
});
