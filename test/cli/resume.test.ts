// kill -9 at many moments of a run: gone on with each time, it leaves the bits of one that nobody killed. KILLS=40 kills it so many times.

import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { squeezeNet11 } from "../../src/index.ts";
import { initialiseParameters } from "../../src/nn/initialise.ts";
import { writeSafetensors } from "../../src/nn/safetensors.ts";
import { networkParameters } from "../../src/nn/weights.ts";
import { makePictures, temporaryFolder } from "../learner/tiny.ts";
import { main, thaw } from "./command.ts";

const KILLS = Number(process.env.KILLS ?? 4);

/** Runs the command; kills it at the `changes`th change in the folder of its unfinished run. Resolves to its exit code, null where it was killed. */
function runKilled(args: readonly string[], root: string, changes: number): Promise<number | null> {
  const child = spawn(process.execPath, [main, ...args], { stdio: "ignore" });
  let seen = 0;
  // A change is also the first byte of a file that is being written.
  const watcher = watch(root, { recursive: true }, (_, name) => {
    if (name?.includes(".unfinished") && ++seen === changes) child.kill("SIGKILL");
  });
  return new Promise((resolve) =>
    child.on("close", (code) => {
      watcher.close();
      resolve(code);
    }),
  );
}

test("a run that is killed again and again ends with the same weights", { timeout: 600_000 }, async () => {
  const folder = await makePictures(8, 2);
  const root = dirname(folder);
  const weights = join(await temporaryFolder(), "squeezenet.safetensors");
  await writeFile(weights, writeSafetensors(initialiseParameters(networkParameters(squeezeNet11), "recipe")));
  const common = ["train", folder, "--arch", "squeezenet1_1", "--weights", weights, "--size", "32", "--bs", "4", "--tta", "1"];
  const args = [...common, "--epochs", "2,1,1", "--checkpoint-seconds", "0", "--resume"];
  expect(thaw(...args, "--out", join(root, "whole"))).toMatchObject({ status: 0 });

  const random = randomStream("kills");
  const out = join(root, "killed");
  let kills = 0;
  for (let i = 0; i < KILLS; i++) {
    if ((await runKilled([...args, "--out", out], root, random.integer(1, 12))) !== null) break;
    kills++;
  }
  expect(kills).toBeGreaterThan(KILLS / 2);
  const last = thaw(...args, "--out", out);
  expect(last).toMatchObject({ status: 0 });
  const bytes = (name: string) => readFile(join(root, name, "weights.safetensors"));
  expect((await bytes("killed")).equals(await bytes("whole"))).toBe(true);
});
