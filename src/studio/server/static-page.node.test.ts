// The files of pages for web hosts, which lists complete.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { predictPage, writeStaticPage } from "./static-page.node.ts";

const FILES = {
  "static/index.html": "page",
  "static/assets/main.js": "script",
  "static/elsewhere.json": JSON.stringify({
    "assets/small-abcdefgh.safetensors": "weights/small",
    "assets/ort-abcdefgh.wasm": "vendor/ort",
  }),
  "predict/index.html": "predicting",
  "predict/elsewhere.json": JSON.stringify({ "assets/ort-12345678.wasm": "vendor/ort", "license.txt": "vendor/LICENSE" }),
  "weights/small": "weights",
  "vendor/ort": "engine",
  "vendor/LICENSE": "license",
};

/** The places of FILES in a new folder. */
function builtPages() {
  const root = mkdtempSync(join(tmpdir(), "thaw-static-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return { static: join(root, "static"), predict: join(root, "predict"), root };
}

test("the page is written with what lies elsewhere, into a new folder alone", async () => {
  const built = builtPages();
  const to = join(built.root, "deep", "site");
  await expect(writeStaticPage({ ...built, static: join(built.root, "none") }, to)).rejects.toThrow("The page is not in");
  expect(await writeStaticPage(built, to)).toBe(7);
  const written = readdirSync(to, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(written.map(({ parentPath, name }) => join(parentPath, name).slice(to.length + 1)).sort()).toEqual(
    [
      "assets/main.js",
      "assets/ort-abcdefgh.wasm",
      "assets/small-abcdefgh.safetensors",
      "index.html",
      "predict/elsewhere.json",
      "predict/index.html",
      "predict/license.txt",
    ].map((name) => join(name)),
  );
  expect(readFileSync(join(to, "assets", "small-abcdefgh.safetensors"), "utf8")).toBe("weights");
  // What both pages need is there once, and the list names all that the page that predicts takes beside its own files.
  expect(JSON.parse(readFileSync(join(to, "predict", "elsewhere.json"), "utf8"))).toEqual({
    "assets/ort-12345678.wasm": "assets/ort-abcdefgh.wasm",
    "license.txt": "predict/license.txt",
  });
  await expect(writeStaticPage(built, to)).rejects.toThrow("is not empty");
});

test("the page that predicts is read with what lies elsewhere", async () => {
  const page = await predictPage(builtPages());
  expect([...page].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)])).toEqual([
    ["index.html", "predicting"],
    ["assets/ort-12345678.wasm", "engine"],
    ["license.txt", "license"],
  ]);
});
