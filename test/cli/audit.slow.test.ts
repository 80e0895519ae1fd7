// `thaw audit` through the built command.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { thaw } from "./command.ts";

test("a picture in the wrong folder heads the list, its copy is a pair, and nothing is changed", { timeout: 120_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), "audit-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const pets = join(root, "pets");
  expect(thaw("sample", pets, "--count", "24").status).toBe(0);
  cpSync(join(pets, "train", "dogs", "dog-0001.jpg"), join(pets, "train", "cats", "really-a-dog.jpg"));
  const before = readdirSync(pets, { recursive: true });
  const { status, stdout } = thaw("audit", pets, "--size", "96", "--top", "3");
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^network thaw_small, because .*\n(\d+|None) of 65 labels (is|are) likely wrong\.\nWith 5 % of these labels changed on purpose, the same search finds \d+ % of the changed ones/,
  );
  expect(stdout).toMatch(/train\/cats\/really-a-dog\.jpg +train\/dogs\/dog-0001\.jpg +1\.000 +same picture, two classes/);
  expect(stdout).toContain("Nothing was changed.");
  expect(readdirSync(pets, { recursive: true })).toEqual(before);
  const list = join(root, "changes.csv");
  expect(thaw("audit", pets, "--size", "96", "--top", "6", "--list", list).status).toBe(0);
  expect(readFileSync(list, "utf8")).toMatch(
    /^file,label,suggested,doubt,likely wrong,change\n(.*\n)*train\/cats\/really-a-dog\.jpg,cats,dogs,[\d.]+,(yes)?,\n/,
  );
  const { labels, duplicates, outliers, flips } = JSON.parse(thaw("audit", pets, "--size", "96", "--json").stdout);
  expect(labels.slice(0, 6).map(({ file }: { file: string }) => file)).toContain("train/cats/really-a-dog.jpg");
  expect(labels).toHaveLength(65);
  expect(duplicates[0]).toMatchObject({ copy: true, conflict: true, leak: false });
  expect(outliers).toHaveLength(65);
  // A twentieth of 65 labels, five times.
  expect(flips).toMatchObject({ share: 0.05, changed: 15 });
  expect(flips.found).toBeLessThanOrEqual(Math.min(flips.changed, flips.called));
});
