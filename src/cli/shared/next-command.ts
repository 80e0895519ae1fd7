// Commands that thaw proposes, written so that they can be pasted where thaw was started.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { shellWord } from "../../core/shell-word.ts";

/** What runs thaw from a project that has it: `npx thaw` unless pnpm started it, and plain `thaw` if that is on the PATH. */
export function thawCommand(env: NodeJS.ProcessEnv = process.env): string {
  // npx and npm put the folders of a project's commands on the PATH, but only for what they start.
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "" && !/[\\/]node_modules[\\/]\.bin$/.test(folder));
  const name = process.platform === "win32" ? "thaw.cmd" : "thaw";
  if (folders.some((folder) => existsSync(join(folder, name)))) return "thaw";
  return env.npm_config_user_agent?.startsWith("pnpm/") ? "pnpm exec thaw" : "npx thaw";
}

/** The command with `words`, quoted for a shell. */
export function nextCommand(...words: readonly string[]): string {
  return [thawCommand(), ...words.map(shellWord)].join(" ");
}
