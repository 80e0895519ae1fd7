// Runs the built command `thaw` as a person's shell would.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The built entry of the command. */
export const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `thaw` with `args`, without colours, and returns what it printed and its exit code. */
export function thaw(...args: readonly string[]): Outcome {
  const { FORCE_COLOR: _, ...env } = process.env;
  return spawnSync(process.execPath, [main, ...args], { encoding: "utf8", env: { ...env, NO_COLOR: "1" } });
}
