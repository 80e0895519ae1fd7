// Runs the built command `thaw` as a person's shell would.

import { execFile, spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The built entry of the command. */
export const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a shell without colours and without `thaw` on its PATH. */
export function environment(): Record<string, string | undefined> {
  const { FORCE_COLOR: _, npm_config_user_agent: __, ...env } = process.env;
  return { ...env, PATH: dirname(process.execPath), NO_COLOR: "1" };
}

/** Runs `thaw` with `args`, without colours and where no `thaw` is on the PATH, and returns what it printed and its exit code. */
export function thaw(...args: readonly string[]): Outcome {
  return spawnSync(process.execPath, [main, ...args], { encoding: "utf8", env: environment() });
}

/** The same without blocking this process, whose servers the command may need; `env` is added to the environment. */
export function thawBeside(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { env: { ...environment(), ...env } };
    const child = execFile(process.execPath, [main, ...args], options, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
}
