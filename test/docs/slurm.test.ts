// The Slurm script of docs/many-machines.md, with a thaw and an scontrol that only pretend: what is tried again, and which task.

import { spawnSync } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../fixtures/models.ts";

let folder: string;
let script: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  const page = await readFile("docs/many-machines.md", "utf8");
  script = /## Slurm\n\n```sh\n([^`]+)```/.exec(page)?.[1] as string;
  const commands = { thaw: 'exit "$CODE"', scontrol: 'echo "$@"' };
  for (const [name, text] of Object.entries(commands)) {
    await writeFile(join(folder, name), `#!/bin/bash\n${text}\n`);
    await chmod(join(folder, name), 0o755);
  }
});

test.skipIf(process.platform === "win32").each([
  [0, 0, ""],
  [2, 0, ""],
  [75, 0, "requeue 38_8\n"],
  [137, 2, "requeue 38_8\n"],
  [75, 3, ""],
])("a task that ends with %i after %i restarts asks Slurm for %j, and for no other task", (code, restarts, asked) => {
  // As Slurm 22.05 tells the last of eight tasks: its job's number is that of the whole array.
  const task = { SLURM_JOB_ID: "38", SLURM_ARRAY_JOB_ID: "38", SLURM_ARRAY_TASK_ID: "8", SLURM_CPUS_PER_TASK: "1" };
  const env = { ...process.env, ...task, SLURM_RESTART_COUNT: `${restarts}`, CODE: `${code}`, PATH: `${folder}:${process.env.PATH}` };
  const { status, stdout } = spawnSync("bash", ["-c", script], { env, encoding: "utf8" });
  expect([status, stdout]).toEqual([code, asked]);
});
