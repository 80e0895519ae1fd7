// `thaw resize` through the built command: what it writes and prints, and that a second run keeps what is there.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { thaw } from "./command.ts";

function pets(): string {
  const root = mkdtempSync(join(tmpdir(), "resize-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  expect(thaw("sample", join(root, "pets"), "--count", "3").status).toBe(0);
  return join(root, "pets");
}

test("copies lie beside the photographs unless said otherwise, are kept on a second run, and are a data set", () => {
  const folder = pets();
  const line = `Wrote 8 images with a smaller side of 100 pixels to ${folder}-100. Train on them:\n\n  npx thaw train ${folder}-100\n`;
  expect(thaw("resize", `${folder}/`, "100")).toEqual(expect.objectContaining({ status: 0, stdout: line, stderr: "" }));
  expect(thaw("resize", folder, "100").stdout).toContain(
    `Wrote 0 images with a smaller side of 100 pixels to ${folder}-100; 8 were already there.`,
  );
  expect(JSON.parse(thaw("check", `${folder}-100`, "--json").stdout)).toMatchObject({ images: 8, sides: [100, 100, 100], sound: true });
});

test("a file that cannot be read is named, the others are copied, and the exit code is 1", () => {
  const folder = pets();
  writeFileSync(join(folder, "train", "cats", "bad.jpg"), "");
  const out = join(folder, "..", "my small");
  const { status, stdout } = thaw("resize", folder, "100", "--out", out);
  expect(status).toBe(1);
  expect(stdout).toContain("1 file cannot be read and is left out\n  train/cats/bad.jpg  empty file\n\nWrote 8 images");
  expect(stdout).toContain(`  npx thaw train '${out}'\n`);
  expect(JSON.parse(thaw("resize", folder, "100", "--out", out, "--json").stdout)).toEqual({
    folder: out,
    made: 0,
    kept: 8,
    failed: [{ name: "train/cats/bad.jpg", error: "empty file" }],
  });
});

test("a size that is none and copies among the originals are mistakes", () => {
  const folder = pets();
  expect(thaw("resize", folder, "small")).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("for <size> but received"),
  });
  expect(thaw("resize", folder, "100", "--out", join(folder, "small"))).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("which is in the folder of the originals\nhint: "),
  });
  expect(existsSync(join(folder, "small"))).toBe(false);
});

test("help fits 80 columns", () => {
  expect(
    thaw("resize", "--help")
      .stdout.split("\n")
      .filter((line) => line.length > 80),
  ).toEqual([]);
});
