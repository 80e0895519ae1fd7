// A disk that fills takes a part of a write: no half file takes the place of a whole one, and a run goes on once there is room. On a small disk
// in memory, which only root may mount.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, type TestContext, test } from "vitest";
import { type Outcome, thaw } from "./command.ts";

const root = mkdtempSync(join(tmpdir(), "thaw-full-"));
const photographs = join(root, "photos");
const [whole, disk] = [join(root, "whole"), join(root, "disk")];

const train = (out: string, ...more: readonly string[]): Outcome =>
  thaw(
    ...["train", photographs, "--size", "32", "--bs", "4", "--seed", "5", "--threads", "1", "--checkpoint-seconds", "0", "--quiet"],
    ...["--stages", "precompute,augment", "--epochs", "2,1", "--lr", "0.01,0.01", "--cache", join(root, "cache"), "--out", out, ...more],
  );

beforeAll(() => {
  expect(thaw("sample", photographs, "--count", "3").status).toBe(0);
  expect(train(whole).status).toBe(0);
  return () => rmSync(root, { recursive: true });
}, 120_000);

/** Mounts a disk of `kilobytes`, or skips the test. */
function mount(kilobytes: number, skip: TestContext["skip"]): void {
  mkdirSync(disk, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "thaw-test", disk], { stdio: "ignore" });
  } catch {
    skip("no disk could be mounted"); // Without root's rights, or on another system.
  }
  onTestFinished(() => void execFileSync("umount", [disk]));
}

const FULL = /^error: Cannot write .+: the disk is full\nhint: Free some space, or choose a folder on another disk\.\n$/m;

test("an export that finds no room leaves the earlier one as it was, and nothing else", { timeout: 120_000 }, ({ skip }) => {
  const place = join(root, "first.onnx");
  expect(thaw("export", whole, "--out", place).status).toBe(0);
  mount(Math.ceil((1.5 * statSync(place).size) / 1024), skip);
  const there = join(disk, "model.onnx");
  writeFileSync(there, readFileSync(place));
  const { status, stderr } = thaw("export", whole, "--out", there, "--force");
  expect([status, stderr]).toEqual([2, expect.stringMatching(FULL)]);
  expect(readFileSync(there).equals(readFileSync(place))).toBe(true);
  expect(readdirSync(disk)).toEqual(["model.onnx"]);
});

// Too small for a checkpoint, and too small for the model beside the last checkpoint.
test.for([0.3, 1.2])(
  "a run on a disk of %f times the model's size can be resumed on a larger one, to the same bits",
  {
    timeout: 240_000,
  },
  (times, { skip }) => {
    const bytes = statSync(join(whole, "weights.safetensors")).size;
    mount(Math.ceil((times * bytes) / 1024), skip);
    const { status, stderr } = train(join(disk, "model"));
    expect([status, stderr]).toEqual([2, expect.stringMatching(FULL)]);
    const left = readdirSync(disk, { recursive: true, encoding: "utf8" });
    expect(left.filter((name) => name.endsWith(".tmp"))).toEqual([]);
    execFileSync("mount", ["-o", "remount,size=64m", disk]);
    expect(train(join(disk, "model"), "--resume").status).toBe(0);
    expect(readdirSync(disk)).toEqual(["model"]);
    const weights = (folder: string): Buffer => readFileSync(join(folder, "weights.safetensors"));
    expect(weights(join(disk, "model")).equals(weights(whole))).toBe(true);
  },
);

test("a read-only disk is called that, with the option that names another place", ({ skip }) => {
  mount(64, skip);
  execFileSync("mount", ["-o", "remount,ro", disk]);
  const { status, stderr } = thaw("resize", photographs, "20", "--out", join(disk, "small"));
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(
      /: the disk is read-only\nhint: Choose a folder on a disk that can be written\. Copies go into the folder of --out/,
    ),
  ]);
});
