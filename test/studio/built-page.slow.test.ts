// The built page as it is in the package: how large it is, and that it needs nothing from elsewhere.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../dist/studio/page", import.meta.url));
const html = readFileSync(join(folder, "index.html"), "utf8");
const assets = readdirSync(join(folder, "assets"));
const compressed = (name: string): number => gzipSync(readFileSync(join(folder, "assets", name))).length;

test("what the page loads at first is at most 80 kB compressed, and charts at most 200 kB more", () => {
  const first = assets.filter((name) => html.includes(name));
  const charts = assets.filter((name) => !first.includes(name));
  expect(first.map((name) => name.split(".").at(-1)).sort()).toEqual(["css", "js", "svg"]);
  const sum = (names: readonly string[]): number => names.reduce((bytes, name) => bytes + compressed(name), 0);
  expect(sum(first)).toBeGreaterThan(20_000);
  expect(sum(first)).toBeLessThan(80_000);
  expect(sum(charts)).toBeLessThan(200_000);
});

test("the page names no other address, and no script or style within it that a policy would refuse", () => {
  expect(html).not.toMatch(/https?:|\/\/|<style|style=|<script(?![^>]*\bsrc=)/);
  const styles = assets.filter((name) => name.endsWith(".css")).map((name) => readFileSync(join(folder, "assets", name), "utf8"));
  expect(styles.join("")).not.toMatch(/url\((?!data:|\.\/)/);
});

test("the licences of the packages in it are beside it", () => {
  const licences = readFileSync(join(folder, "licenses.md"), "utf8");
  for (const name of ["preact", "@preact/signals", "@tanstack/virtual-core", "echarts", "zrender"])
    expect(licences).toContain(`## ${name} - `);
});
