// Which folder `thaw evaluate` measures on. Files need names only, so they are empty here.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Classifier } from "../classifier/classifier.ts";
import { labelledItems } from "./labelled.ts";

async function measured(classes: readonly string[], files: readonly string[], part?: string): Promise<[string[], string[]]> {
  const root = mkdtempSync(join(tmpdir(), "thaw-labelled-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
  const model = { kind: "single", description: { classes } } as unknown as Classifier;
  const warnings: string[] = [];
  const items = await labelledItems(model, root, { part, onWarning: ({ message }) => warnings.push(message) });
  return [items.map(({ name, label }) => `${name} ${label}`), warnings];
}

test("validation folders of any usual name come first, then test folders; what is measured is told", async () => {
  const files = ["Train/a/1.jpg", "test/b/2.jpg", "val/a/3.jpg"];
  expect(await measured(["a", "b"], files)).toEqual([["val/a/3.jpg 0"], ['The photographs in the folder "val" are measured']]);
  expect(await measured(["a", "b"], files.slice(0, 2))).toEqual([
    ["test/b/2.jpg 1"],
    ['The photographs in the folder "test" are measured'],
  ]);
  expect(await measured(["a", "b"], files, "Train")).toEqual([["Train/a/1.jpg 0"], []]);
  expect(await measured(["a", "b"], ["valid/a/1.jpg", "test/b/2.jpg"])).toEqual([["valid/a/1.jpg 0"], []]);
});

test("a folder that is called like a class is one", async () => {
  expect(await measured(["bus", "valid"], ["bus/1.jpg", "valid/2.jpg"])).toEqual([["bus/1.jpg 0", "valid/2.jpg 1"], []]);
});
