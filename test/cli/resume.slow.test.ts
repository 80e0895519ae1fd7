// kill -9 at many moments of a run, and at its very end: gone on with each time, it leaves the bits of one that nobody killed. KILLS=40 kills it
// so many times.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, watch } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { randomStream } from "../../src/core/index.ts";
import { squeezeNet11 } from "../../src/index.ts";
import { initialiseParameters, networkParameters, writeSafetensors } from "../../src/nn/index.ts";
import { makePictures, temporaryFolder } from "../learner/tiny.ts";
import { main, type Outcome, thaw } from "./command.ts";

const KILLS = Number(process.env.KILLS ?? 4);

let root: string;
/** The command, without the place of the model. */
let args: readonly string[];

beforeAll(async () => {
  const folder = await makePictures(8, 2);
  root = dirname(folder);
  const weights = join(await temporaryFolder(), "squeezenet.safetensors");
  await writeFile(weights, writeSafetensors(initialiseParameters(networkParameters(squeezeNet11), "recipe")));
  const common = ["train", folder, "--arch", "squeezenet1_1", "--weights", weights, "--size", "32", "--bs", "4", "--tta", "1"];
  args = [...common, "--epochs", "2,1,1", "--checkpoint-seconds", "0", "--resume"];
  expect(run("whole")).toMatchObject({ status: 0 });
});

const run = (name: string): Outcome => thaw(...args, "--out", join(root, name));
const bytesOf = (name: string): Promise<Buffer> => readFile(join(root, name, "weights.safetensors"));

/**
 * Runs the command and kills it at the first change that is `due`, told by its path from the folder beside the photographs. Resolves to its exit
 * code, null where it was killed.
 */
function runKilled(name: string, due: (path: string) => boolean): Promise<number | null> {
  const child = spawn(process.execPath, [main, ...args, "--out", join(root, name)], { stdio: "ignore" });
  // A change is also the first byte of a file that is being written.
  const watcher = watch(root, { recursive: true }, (_, path) => {
    if (path !== null && due(path)) child.kill("SIGKILL");
  });
  return new Promise((resolve) =>
    child.on("close", (code) => {
      watcher.close();
      resolve(code);
    }),
  );
}

/** A model that is being written. */
const UNFINISHED = /^\.thaw-[\w.-]+\.tmp$/;
const unfinishedModels = (): string[] => readdirSync(root).filter((name) => UNFINISHED.test(name));

/** The `changes`th change in the folder of the unfinished run. */
function changeOf(changes: number): (path: string) => boolean {
  let seen = 0;
  return (path) => path.includes(".unfinished") && ++seen === changes;
}

test("a run that is killed again and again ends with the same weights", { timeout: 600_000 }, async () => {
  const random = randomStream("kills");
  let kills = 0;
  for (let i = 0; i < KILLS; i++) {
    if ((await runKilled("killed", changeOf(random.integer(1, 12)))) !== null) break;
    kills++;
  }
  expect(kills).toBeGreaterThan(KILLS / 2);
  expect(run("killed")).toMatchObject({ status: 0 });
  expect((await bytesOf("killed")).equals(await bytesOf("whole"))).toBe(true);
});

test("so does one that is killed while its model is written, and when the model is there and its record is not", {
  timeout: 120_000,
}, async () => {
  expect(await runKilled("late", (path) => UNFINISHED.test(path))).toBe(null);
  expect([unfinishedModels().length, existsSync(join(root, "late.unfinished"))]).toEqual([1, true]);
  expect(await runKilled("late", (path) => path === "late")).toBe(null);
  expect([existsSync(join(root, "late", "run.json")), existsSync(join(root, "late.unfinished"))]).toEqual([false, true]);
  expect(run("late")).toMatchObject({ status: 0 });
  expect((await bytesOf("late")).equals(await bytesOf("whole"))).toBe(true);
  expect(existsSync(join(root, "late", "report.html"))).toBe(true);
  expect([unfinishedModels(), existsSync(join(root, "late.unfinished"))]).toEqual([[], false]);
});
