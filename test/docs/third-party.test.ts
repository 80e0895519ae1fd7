// The page of third-party work names every package that thaw needs when it runs, and the licence that the package itself states.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

const text = async (file: string): Promise<string> => readFile(new URL(`../../${file}`, import.meta.url), "utf8");

test("every dependency is named with its licence", async () => {
  const { dependencies } = JSON.parse(await text("package.json")) as { dependencies: Record<string, string> };
  const [, installed = ""] = (await text("THIRD_PARTY.md")).split("## Runtime dependencies");
  const lines = installed.split("\n");
  for (const name of Object.keys(dependencies)) {
    const { license } = JSON.parse(await text(`node_modules/${name}/package.json`)) as { license: string };
    const line = lines.find((each) => each.startsWith("|") && each.includes(`\`${name}\``));
    const stated = license.replace(/[()]/g, "").replace(/ AND /g, " and ");
    expect(line, name).toContain(`| ${stated} |`);
  }
});
