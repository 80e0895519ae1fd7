// Ctrl-C of `thaw train`, as a person presses it: the first stops the run so that it can be gone on with, the second ends the process.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { makePictures } from "../learner/tiny.ts";
import { main, thaw } from "./command.ts";

let root: string;
/** `thaw train` on the shipped network, to the folder `name`. */
let train: (name: string) => readonly string[];

beforeAll(async () => {
  const folder = await makePictures(12, 4);
  root = dirname(folder);
  const settings = ["--size", "32", "--bs", "8", "--stages", "precompute,augment", "--epochs", "2,1", "--threads", "1"];
  train = (name) => ["train", folder, ...settings, "--out", join(root, name)];
});

const STOPPING = "Stopping at the next safe point; press Ctrl-C again to quit at once.\n";

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Runs `thaw` and presses Ctrl-C when the first epoch is told, and again, with `twice`, when the first is answered. */
function interrupted(args: readonly string[], twice = false): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args, "--json"], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    const before = stdout;
    stdout += chunk;
    if (isTold(stdout) && !isTold(before)) child.kill("SIGINT");
  });
  child.stderr.on("data", (chunk) => {
    const before = stderr;
    stderr += chunk;
    if (twice && stderr.includes(STOPPING) && !before.includes(STOPPING)) child.kill("SIGINT");
  });
  return new Promise((resolve) => child.on("close", (status, signal) => resolve({ status, signal, stderr })));
}

const isTold = (stdout: string): boolean => stdout.includes('{"event":"epoch"');

const weightsOf = (name: string): Promise<Buffer> => readFile(join(root, name, "weights.safetensors"));

test("the first ends the command with 130, and the command that it prints ends with the bits of a run that nobody stopped", {
  timeout: 120_000,
}, async () => {
  expect(thaw(...train("whole"))).toMatchObject({ status: 0 });
  const { status, stderr } = await interrupted(train("stopped"));
  expect(status).toBe(130);
  expect(stderr).toContain(STOPPING);
  expect(stderr).toContain(`Stopped. The run is saved in ${join(root, "stopped.unfinished")}.\n`);
  expect(existsSync(join(root, "stopped"))).toBe(false);
  expect(existsSync(join(root, "stopped.unfinished", "best", "model.json"))).toBe(true);

  const [, command = ""] = stderr.match(/^Resume it:\n\n {2}npx thaw (.+)$/m) ?? [];
  expect(command).toBe([...train("stopped"), "--json", "--resume"].join(" "));
  const resumed = thaw(...command.split(" "));
  expect(resumed.status).toBe(0);
  expect(resumed.stdout).toContain('"event":"resumed"');
  expect((await weightsOf("stopped")).equals(await weightsOf("whole"))).toBe(true);
});

test("the second ends the process by the signal, before anything more is written or said", { timeout: 60_000 }, async () => {
  const { status, signal, stderr } = await interrupted(train("killed"), true);
  expect({ status, signal }).toEqual({ status: null, signal: "SIGINT" });
  expect(stderr.endsWith(STOPPING)).toBe(true);
  expect(existsSync(join(root, "killed.unfinished", "recipe.json"))).toBe(true);
  expect(existsSync(join(root, "killed.unfinished", "best", "model.json"))).toBe(false);
});
