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

/** Runs `thaw` with `args`, without colours and where no `thaw` is on the PATH, and returns what it printed and its exit code. */
export function thaw(...args: readonly string[]): Outcome {
  const { FORCE_COLOR: _, npm_config_user_agent: __, ...env } = process.env;
  return spawnSync(process.execPath, [main, ...args], {
    encoding: "utf8",
    env: { ...env, PATH: dirname(process.execPath), NO_COLOR: "1" },
  });
}

/** The same without blocking this process, whose servers the command may need; `env` is added to the environment. */
export function thawBeside(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Outcome> {
  const { FORCE_COLOR: _, npm_config_user_agent: __, ...own } = process.env;
  return new Promise((resolve) => {
    const options = { env: { ...own, PATH: dirname(process.execPath), NO_COLOR: "1", ...env } };
    const child = execFile(process.execPath, [main, ...args], options, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
}
