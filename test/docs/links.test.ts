// The links between the Markdown pages lead to files that are there, and to headings that their pages have.

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folders = ["", "docs", "bench", "bench/results", "training", "weights"];

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): readonly string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** What is wrong with the link `target` of the page `file`. */
async function problemWith(file: string, target: string): Promise<string | undefined> {
  const [path = "", anchor] = target.split("#");
  const to = path === "" ? file : join(dirname(file), path);
  if (!existsSync(join(root, to))) return `${file}: there is no ${target}`;
  if (anchor === undefined || anchorsOf(await readFile(join(root, to), "utf8")).includes(anchor)) return undefined;
  return `${file}: ${to} has no heading #${anchor}`;
}

test("every link between pages leads somewhere", async () => {
  const names = await Promise.all(folders.map(async (folder) => (await readdir(join(root, folder))).map((name) => join(folder, name))));
  const problems: (string | undefined)[] = [];
  for (const file of names.flat().filter((name) => name.endsWith(".md"))) {
    const text = (await readFile(join(root, file), "utf8")).replace(/^```.*?^```$/gms, "").replace(/`[^`]*`/g, "");
    const targets = [...text.matchAll(/\]\(([^)]+)\)|src="([^"]+)"/g)].map(([, link, source]) => (link ?? source) as string);
    for (const target of targets.filter((each) => !/^[a-z]+:/.test(each))) problems.push(await problemWith(file, target));
  }
  expect(problems.length).toBeGreaterThan(50);
  expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
});
