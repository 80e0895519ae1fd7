// `thaw sample` through the built command.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { main, thaw } from "./command.ts";

test("draws what was asked for, says what to do with it, and refuses to do it twice without force", () => {
  const root = mkdtempSync(join(tmpdir(), "sample-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = join(root, "my pets");
  expect(thaw("sample", folder, "--count", "2", "--seed", "5")).toEqual(
    expect.objectContaining({
      status: 0,
      stderr: "",
      stdout: `Drew 4 pictures of cats and dogs to train on and 2 to validate on, in ${folder}. Try them:\n\n  npx thaw train '${folder}'\n`,
    }),
  );
  expect(readdirSync(join(folder, "train", "dogs"))).toEqual(["dog-0001.jpg", "dog-0002.jpg"]);
  expect(thaw("sample", folder)).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining(`error: ${folder} is not empty\nhint: `),
  });
  expect(thaw("sample", folder, "--count", "1", "--force").status).toBe(0);
  expect(readdirSync(join(folder, "train", "dogs"))).toEqual(["dog-0001.jpg"]);
});

test("draws into a new folder of one letter in the working directory", () => {
  const root = mkdtempSync(join(tmpdir(), "sample-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  // Killed after a while: making the folder once never ended.
  const { status } = spawnSync(process.execPath, [main, "sample", "q", "--count", "1"], { cwd: root, timeout: 30_000 });
  expect(status).toBe(0);
  expect(readdirSync(join(root, "q", "train", "dogs"))).toEqual(["dog-0001.jpg"]);
}, 60_000);
