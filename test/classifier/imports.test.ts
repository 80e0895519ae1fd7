// What a product loads: the import graph of the classifier's entry, resolved as in Node, contains no training code.

import { readFile } from "node:fs/promises";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { expect, test } from "vitest";

const text = async (file: string): Promise<string> => readFile(new URL(`../../${file}`, import.meta.url), "utf8");

test("loading a classifier loads no training code, no chart and no command", { timeout: 120_000 }, async () => {
  const { output } = await cruise(["src/classifier/index.ts"], {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: false,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["thaw-source", "import", "node", "default"],
      extensions: [".ts", ".js"],
    },
  });
  const modules = new Map((output as ICruiseResult).modules.map((module) => [module.source, module]));
  const loaded = ["src/classifier/index.ts"];
  // Dynamic imports are not loaded until they are needed.
  for (const source of loaded)
    for (const { resolved, dynamic } of modules.get(source)?.dependencies ?? [])
      if (!dynamic && resolved.startsWith("src/") && !loaded.includes(resolved)) loaded.push(resolved);
  expect(loaded).toContain("src/classifier/read-model.ts");
  expect(loaded).toContain("src/data/decode/decode.node.ts");
  expect(loaded.filter((file) => /^src\/(chart|learner|interpret|recipe|studio|cli)\//.test(file))).toEqual([]);
  expect(loaded.filter((file) => /^src\/graph\/(backward|losses|quantize|lower\.ts|blocked\.ts|weight-gradient)/.test(file))).toEqual([]);
  expect(loaded.filter((file) => file.startsWith("src/graph/gradients/"))).toEqual([]);
});

test("that entry is thaw/classifier, and it exports the functions that load and zip a model, and their errors", async () => {
  const { exports } = JSON.parse(await text("package.json"));
  expect(exports["./classifier"].default).toBe("./dist/classifier/index.js");
  expect(Object.keys(await import("../../src/classifier/index.ts")).sort()).toEqual([
    "ImageError",
    "UsageError",
    "loadClassifier",
    "loadModel",
    "loadRegressor",
    "zipModel",
  ]);
});

test.each(["README.md", "docs/models.md", "docs/learner.md", "examples/lesson.mjs"])(
  "in %s a product loads its model from that entry",
  async (file) => {
    const lines = (await text(file)).split("\n");
    expect(lines.filter((line) => line.includes("no training code")).map((line) => line.includes("thaw/classifier"))).toEqual([true]);
    expect(lines.filter((line) => /^import .*\bload(Classifier|Regressor|Model)\b.* from "thaw"/.test(line))).toEqual([]);
  },
);
