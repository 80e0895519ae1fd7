// What a product loads: the import graph of the classifier's entry, followed as Node would, holds nothing that trains.

import { cruise, type ICruiseResult } from "dependency-cruiser";
import { expect, test } from "vitest";

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
  const loaded = (output as ICruiseResult).modules.map(({ source }) => source).filter((source) => source.startsWith("src/"));
  expect(loaded).toContain("src/classifier/read-model.ts");
  expect(loaded).toContain("src/data/decode.node.ts");
  expect(loaded.filter((file) => /^src\/(chart|learner|interpret|recipe|studio|cli)\//.test(file))).toEqual([]);
  expect(loaded.filter((file) => /^src\/graph\/(backward|losses|quantize)/.test(file))).toEqual([]);
  expect(loaded.filter((file) => file.startsWith("src/graph/gradients/"))).toEqual([]);
});
