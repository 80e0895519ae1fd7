// Two runs of `thaw train` at once, as two terminals or a cron job start them: to one folder, and on one cache.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { makePictures } from "../learner/tiny.ts";
import { main, thaw } from "./command.ts";

let root: string;
/** `thaw train` on the shipped network, to the folder `name`, in full precision, so that results are the same for any cache. */
let train: (name: string) => readonly string[];

beforeAll(async () => {
  const folder = await makePictures(12, 4);
  root = dirname(folder);
  const settings = ["--size", "32", "--bs", "8", "--stages", "precompute,augment", "--epochs", "2,1", "--threads", "1"];
  train = (name) => ["train", folder, ...settings, "--out", join(root, name)];
});

function start(name: string): ChildProcess {
  return spawn(process.execPath, [main, ...train(name), "--json"], { stdio: ["ignore", "pipe", "inherit"] });
}

/** Waits until `run` has printed an event of the kind `event`. */
function saw(run: ChildProcess, event: string): Promise<void> {
  let printed = "";
  return new Promise((resolve) => {
    run.stdout?.on("data", (chunk) => {
      printed += chunk;
      if (printed.includes(`{"event":"${event}"`)) resolve();
    });
  });
}

const weightsOf = (name: string): Promise<Buffer> => readFile(join(root, name, "weights.safetensors"));

test("a second run to the same folder is refused, with the first one's process, and the first one ends undisturbed", {
  timeout: 120_000,
}, async () => {
  const first = start("one");
  const ended = once(first, "exit");
  await saw(first, "data");
  // It waits until the others were refused, however fast it is.
  first.kill("SIGSTOP");
  for (const more of [[], ["--force"], ["--resume"]]) {
    const second = thaw(...train("one"), ...more);
    expect([second.status, second.stdout]).toEqual([2, ""]);
    expect(second.stderr).toContain(`error: Another run makes ${join(root, "one")}: process ${first.pid}, which started at `);
    expect(second.stderr).toContain("hint: Wait until it is done, stop it, or choose another folder with --out.");
  }
  first.kill("SIGCONT");
  expect(await ended).toEqual([0, null]);
  expect(existsSync(join(root, "one.unfinished"))).toBe(false);
});

test("a run that was killed holds nothing: the next one resumes it", { timeout: 120_000 }, async () => {
  const killed = start("killed");
  const ended = once(killed, "exit");
  await saw(killed, "epoch");
  killed.kill("SIGKILL");
  await ended;
  expect(existsSync(join(root, "killed.unfinished", "lock", "1"))).toBe(true);
  expect(thaw(...train("killed"), "--resume")).toMatchObject({ status: 0 });
  expect(existsSync(join(root, "killed.unfinished"))).toBe(false);
});

test("two runs that fill one cache at once end with the same bits", { timeout: 120_000 }, async () => {
  const cache = ["--cache", join(root, "shared cache")];
  const runs = ["left", "right"].map((name) =>
    spawn(process.execPath, [main, ...train(name), ...cache, "--quiet"], { stdio: ["ignore", "ignore", "inherit"] }),
  );
  expect(await Promise.all(runs.map((run) => once(run, "exit")))).toEqual([
    [0, null],
    [0, null],
  ]);
  expect((await weightsOf("left")).equals(await weightsOf("right"))).toBe(true);
});
