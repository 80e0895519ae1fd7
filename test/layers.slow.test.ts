// The layers check, run on small source trees: it must catch each kind of violation.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const script = fileURLToPath(new URL("../scripts/check-layers.mjs", import.meta.url));

function check(files: Readonly<Record<string, string>>): { readonly status: number | null; readonly text: string } {
  const root = mkdtempSync(join(tmpdir(), "layers-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "src"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { cwd: root, encoding: "utf8" });
  return { status, text: stdout + stderr };
}

const value = 'import "../core/b.ts";\nexport const a = 1;\n';

test("an import to the left passes", () => {
  const { status, text } = check({ "src/graph/a.ts": value, "src/core/b.ts": "export const b = 1;\n" });
  expect(text).toContain("2 source files checked");
  expect(status).toBe(0);
});

test("an import to the right fails and is named", () => {
  const { status, text } = check({ "src/core/a.ts": 'import "../graph/b.ts";\n', "src/graph/b.ts": "export const b = 1;\n" });
  expect(text).toContain("core-imports-left: src/core/a.ts → src/graph/b.ts");
  expect(status).toBe(1);
});

test("an import of a type to the right fails too", () => {
  const { text } = check({
    "src/core/a.ts": 'import type { B } from "../graph/b.ts";\nexport const a: B = 1;\n',
    "src/graph/b.ts": "export type B = number;\n",
  });
  expect(text).toContain("core-imports-left: src/core/a.ts → src/graph/b.ts");
});

test("pixel arithmetic that knows augmentations fails", () => {
  const { text } = check({ "src/data/pixels/a.ts": 'import "../augment/b.ts";\n', "src/data/augment/b.ts": "export const b = 1;\n" });
  expect(text).toContain("pixels-know-no-augmentation: src/data/pixels/a.ts → src/data/augment/b.ts");
});

test("a circle, a folder that is no layer and a forgotten file fail", () => {
  const circle = check({ "src/core/a.ts": 'import "./b.ts";\n', "src/core/b.ts": 'import "./a.ts";\n' });
  expect(circle.text).toContain("no-cycles: src/core/a.ts → src/core/b.ts → src/core/a.ts");
  expect(check({ "src/helpers/a.ts": value, "src/core/b.ts": "export const b = 1;\n" }).text).toContain("known-layer");
  expect(check({ "src/core/a.ts": "export const a = 1;\n" }).text).toContain("no-orphans: src/core/a.ts");
});

test("only Node files and commands may need Node", () => {
  const files = 'import { readFileSync } from "node:fs";\nexport const a = readFileSync;\n';
  expect(check({ "src/nn/a.ts": files }).text).toContain("node-in-node-files: src/nn/a.ts → fs");
  expect(check({ "src/index.ts": files }).text).toContain("node-in-node-files: src/index.ts → fs");
  expect(check({ "src/nn/a.node.ts": files, "src/cli/a.ts": files, "src/nn/a.test.ts": files })).toMatchObject({ status: 0 });
});

test("only Node files and commands may need a package that runs in Node alone", () => {
  const files = (name: string) => ({
    [name]: 'import piscina from "piscina";\nexport const a = piscina;\n',
    "package.json": JSON.stringify({ dependencies: { piscina: "*" } }),
    "node_modules/piscina/package.json": JSON.stringify({ name: "piscina", main: "index.js" }),
    "node_modules/piscina/index.js": "module.exports = 1;\n",
  });
  expect(check(files("src/data/a.ts")).text).toContain("node-packages-in-node-files: src/data/a.ts → node_modules/piscina/index.js");
  expect(check(files("src/data/a.node.ts")).status).toBe(0);
});

test("a Node file is reached by a conditional import, by another one, or by a command", () => {
  const [direct, node] = ['import "../core/b.node.ts";\nexport const a = 1;\n', "export const b = 1;\n"];
  const wrong = check({ "src/nn/a.ts": direct, "src/core/b.node.ts": node });
  expect(wrong.text).toContain("node-files-by-condition: src/nn/a.ts → src/core/b.node.ts");
  expect(check({ "src/nn/a.node.ts": direct, "src/cli/a.ts": direct, "src/core/b.node.ts": node })).toMatchObject({ status: 0 });
});

test("only decoding and the sample's drawing may know the package for pictures", () => {
  const files = (...names: string[]) => ({
    ...Object.fromEntries(names.map((name) => [name, 'import sharp from "sharp";\nexport const a = sharp;\n'])),
    "package.json": JSON.stringify({ dependencies: { sharp: "*" } }),
    "node_modules/sharp/package.json": JSON.stringify({ name: "sharp", main: "index.js" }),
    "node_modules/sharp/index.js": "module.exports = 1;\n",
  });
  const wrong = check(files("src/data/dataset/items.ts", "src/sample/picture.ts"));
  expect(wrong.text).toContain("pixels-in-decode: src/data/dataset/items.ts → node_modules/sharp/index.js");
  expect(wrong.text).toContain("pixels-in-decode: src/sample/picture.ts → node_modules/sharp/index.js");
  expect(check(files("src/data/decode/decode.node.ts", "src/sample/rasterise.node.ts")).status).toBe(0);
});

test("what the browser's entry reaches must not need Node, by whatever way, and its Node twins do not count", () => {
  const entry = { "src/index.browser.ts": 'export { a } from "./core/a.ts";\n' };
  const reader = 'import { readFileSync } from "node:fs";\nexport const a = readFileSync;\n';
  const wrong = check({ ...entry, "src/core/a.ts": 'export { a } from "./b.ts";\n', "src/core/b.ts": reader });
  expect(wrong.text).toContain("browser-safe: src/index.browser.ts → src/core/a.ts → src/core/b.ts → fs");
  const twins = { "thaw-source": { browser: "./src/core/b.browser.ts", default: "./src/core/b.node.ts" } };
  const right = check({
    ...entry,
    "package.json": JSON.stringify({ imports: { "#b": twins } }),
    "src/core/a.ts": 'export { a } from "#b";\n',
    "src/core/b.browser.ts": "export const a = 1;\n",
    "src/core/b.node.ts": reader,
  });
  expect(right).toEqual({ status: 0, text: "4 source files checked\n" });
});

test("a test in test/ that imports internals fails; fixtures and the engines' contract may import them", () => {
  const [api, internals] = ['import "../src/core/index.ts";\n', 'import "../src/core/a.ts";\n'];
  const sources = { "src/core/index.ts": 'export { a } from "./a.ts";\n', "src/core/a.ts": "export const a = 1;\n" };
  expect(check({ ...sources, "test/a.test.ts": internals }).text).toContain("tests-by-the-api: test/a.test.ts → src/core/a.ts");
  expect(check({ ...sources, "test/a.test.ts": api }).status).toBe(0);
  const deeper = 'import "../../src/core/a.ts";\n';
  expect(check({ ...sources, "test/fixtures/a.ts": deeper, "test/contract/a.contract.ts": deeper }).status).toBe(0);
});

test("a tree without sources fails", () => {
  const { status, text } = check({});
  expect(text).toContain("No source files were found under src");
  expect(status).toBe(1);
});
