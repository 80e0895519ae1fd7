// `thaw check` through the built command: what it prints, its exit codes, and that it goes on where it was stopped.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { thaw } from "./command.ts";

function pets(): string {
  const root = mkdtempSync(join(tmpdir(), "check-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  expect(thaw("sample", join(root, "pets"), "--count", "6").status).toBe(0);
  return join(root, "pets");
}

test("drawn pictures are sound, for a person and for a program, and the cache lies beside them", () => {
  const folder = pets();
  const { status, stdout, stderr } = thaw("check", folder);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("16 images in 2 classes\n\nclass  train  valid\ncats       6      2\ndogs       6      2\n");
  expect(stdout).toContain(`\nSound: every image can be read, and no copies flatter the results. Next:\n\n  npx thaw train ${folder}\n`);
  expect(readdirSync(join(folder, "..", ".thaw", "pets"))).toEqual([expect.stringMatching(/^check-[0-9a-f]{16}\.jsonl$/)]);
  const json = thaw("check", folder, "--json");
  expect(json.status).toBe(0);
  expect(JSON.parse(json.stdout)).toMatchObject({ path: folder, images: 16, broken: [], copies: [], sound: true });
});

test("a broken file and a copy in validation are named, and the exit code is 1", () => {
  const folder = pets();
  writeFileSync(join(folder, "train", "cats", "broken.jpg"), "");
  cpSync(join(folder, "train", "dogs", "dog-0001.jpg"), join(folder, "valid", "dogs", "again.jpg"));
  const { status, stdout } = thaw("check", folder, "--cache", join(folder, "..", "cache"));
  expect(status).toBe(1);
  expect(stdout).toContain("1 file cannot be read\n  train/cats/broken.jpg  empty file\n");
  expect(stdout).toContain("same file  train/dogs/dog-0001.jpg\n             valid/dogs/again.jpg\n");
  expect(stdout).toMatch(/\nFix first: 1 file cannot be read; 1 picture is in more than one of training, validation and test\.\n$/);
});

test("folders of other names are taken as they are named", () => {
  const folder = pets();
  cpSync(join(folder, "train"), join(folder, "lernen"), { recursive: true });
  cpSync(join(folder, "valid"), join(folder, "test"), { recursive: true });
  rmSync(join(folder, "train"), { recursive: true });
  const { status, stdout } = thaw("check", folder, "--train", "lernen", "--test", "test", "--json");
  expect(status).toBe(1);
  const { classes, copies } = JSON.parse(stdout);
  expect(classes).toEqual([
    { class: "cats", train: 6, valid: 2, test: 2 },
    { class: "dogs", train: 6, valid: 2, test: 2 },
  ]);
  expect(copies).toHaveLength(4);
});

test("a folder that is not there, or has one class, is a mistake", () => {
  const root = mkdtempSync(join(tmpdir(), "check-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "one", "cats"), { recursive: true });
  expect(thaw("check", join(root, "none"))).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("does not exist\nhint: "),
  });
  expect(thaw("check", join(root, "one"))).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("has only one class") });
});

test("help fits 80 columns and tells the exit codes", () => {
  const { stdout } = thaw("check", "--help");
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(stdout).toContain("Exit codes: 0 sound");
});
