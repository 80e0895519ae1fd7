// A photograph that is replaced in the middle of a run, by one of the same length and date: the run ends by its name, and nothing computed is lost.

import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { makePictures } from "../learner/tiny.ts";
import { main, thaw } from "./command.ts";

const EPOCHS = 26;

let root: string;
let photographs: string;
/** The photograph that is replaced. */
let file: string;

beforeAll(async () => {
  photographs = await makePictures(8, 4);
  root = dirname(photographs);
  file = join(photographs, "train", "blue", "0.png");
  writeFileSync(file, await picture(90));
});

const train = (name: string, ...more: readonly string[]): readonly string[] => [
  ...["train", photographs, "--size", "32", "--bs", "8", "--seed", "3", "--threads", "1", "--checkpoint-seconds", "0", "--json"],
  ...["--stages", "precompute,augment", "--epochs", `2,${EPOCHS - 2}`, "--lr", "0.01,0.01", "--out", join(root, name), ...more],
];

/** Of the same length whatever the level of grey. */
const picture = (level: number): Promise<Buffer> =>
  sharp(new Uint8Array(40 * 30 * 3).fill(level), { raw: { width: 40, height: 30, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();

/** Replaces the photograph's content, but not its date. */
function replace(bytes: Buffer): void {
  const { atime, mtime } = statSync(file);
  writeFileSync(file, bytes);
  utimesSync(file, atime, mtime);
}

const weightsOf = (name: string): Buffer => readFileSync(join(root, name, "weights.safetensors"));
/** Epochs that the command trained itself. */
const epochsIn = (stdout: string): number => stdout.match(/^\{"event":"epoch"(?!.*"resumed":true)/gm)?.length ?? 0;

/** Runs `thaw` and calls `change` once the third epoch, which is the first of the second stage, is told. */
function changed(args: readonly string[], change: () => void): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    const before = epochsIn(stdout);
    stdout += chunk;
    if (before < 3 && epochsIn(stdout) >= 3) change();
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, stdout, stderr })));
}

test("the run ends by its name, and resumes to the bits of an untouched run once the photograph is back", {
  timeout: 240_000,
}, async () => {
  const original = readFileSync(file);
  const other = await picture(200);
  expect(other.length).toBe(original.length);
  expect(thaw(...train("whole"))).toMatchObject({ status: 0 });

  const { status, stdout, stderr } = await changed(train("replaced"), () => replace(other));
  expect(status).toBe(2);
  expect(stderr).toContain(`Cannot read ${file}: its content is not the one that was checked`);
  expect(stderr).toContain("Nothing that was computed is lost");
  expect(existsSync(join(root, "replaced"))).toBe(false);

  replace(original);
  const resumed = thaw(...train("replaced", "--resume"));
  expect(resumed).toMatchObject({ status: 0 });
  expect(epochsIn(resumed.stdout)).toBeLessThanOrEqual(EPOCHS - epochsIn(stdout));
  expect(weightsOf("replaced").equals(weightsOf("whole"))).toBe(true);
});

test("begun again, the run takes the new photograph", { timeout: 240_000 }, async () => {
  const other = await picture(210);
  expect((await changed(train("again"), () => replace(other))).status).toBe(2);
  expect(thaw(...train("again"))).toMatchObject({ status: 0 });
  expect(weightsOf("again").equals(weightsOf("whole"))).toBe(false);
});
