// The files of the static page, which a list completes.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeStaticPage } from "./static-page.node.ts";

test("the page is written with what lies elsewhere, into a new folder alone", async () => {
  const root = mkdtempSync(join(tmpdir(), "thaw-static-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [built, to] = [join(root, "built"), join(root, "deep", "site")];
  await expect(writeStaticPage(built, root, to)).rejects.toThrow("The static page is not in");
  mkdirSync(join(built, "assets"), { recursive: true });
  mkdirSync(join(root, "weights"));
  writeFileSync(join(built, "index.html"), "page");
  writeFileSync(join(built, "assets", "main.js"), "script");
  writeFileSync(join(root, "weights", "small.safetensors"), "weights");
  writeFileSync(join(built, "elsewhere.json"), JSON.stringify({ "assets/small-abcdefgh.safetensors": "weights/small.safetensors" }));
  expect(await writeStaticPage(built, root, to)).toBe(3);
  expect((readdirSync(to, { recursive: true }) as string[]).sort()).toEqual(
    ["assets", "assets/main.js", "assets/small-abcdefgh.safetensors", "index.html"].map((name) => join(name)),
  );
  expect(readFileSync(join(to, "assets", "small-abcdefgh.safetensors"), "utf8")).toBe("weights");
  await expect(writeStaticPage(built, root, to)).rejects.toThrow("is not empty");
});
