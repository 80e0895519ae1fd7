// Ctrl-C of `thaw train`, as a person presses it: the first stops the run so that it can be gone on with, the second ends the process.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
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

/** Runs one epoch of a single long step; `told` is called when it begins and when it is over. */
function longStep(name: string, told: (event: "lr" | "epoch", child: ChildProcess) => void): Promise<Ended> {
  // The last of two flags counts.
  const one = ["--stages", "unfreeze", "--size", "384", "--bs", "24", "--micro-batch", "24", "--epochs", "1", "--lr", "0.001"];
  const child = spawn(process.execPath, [main, ...train(name), ...one, "--json"], { stdio: ["ignore", "pipe", "pipe"] });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { event } = JSON.parse(line) as { event: string };
    if (event === "lr" || event === "epoch") told(event, child);
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
    if (stderr.includes(STOPPING)) child.emit("answered");
  });
  return new Promise((resolve) => child.on("close", (status, signal) => resolve({ status, signal, stderr })));
}

test("the first is answered while a step computes, not after it", { timeout: 180_000 }, async () => {
  const at = { lr: 0, epoch: 0 };
  expect(await longStep("unstopped", (event) => (at[event] = performance.now()))).toMatchObject({ status: 0 });
  const long = at.epoch - at.lr;
  let [pressed, answered] = [0, 0];
  const { status } = await longStep("long", (_, child) => {
    child.once("answered", () => (answered = performance.now()));
    setTimeout(() => {
      pressed = performance.now();
      child.kill("SIGINT");
    }, 0.3 * long);
  });
  expect(status).toBe(130);
  expect(answered - pressed).toBeGreaterThan(0);
  expect(answered - pressed).toBeLessThan(long / 5);
});
