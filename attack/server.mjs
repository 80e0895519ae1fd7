// A process that runs commands one after another (commands/in-process.mjs), and is started again if one ends it.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("commands/in-process.mjs", import.meta.url));
/** Milliseconds after which a command hangs. */
const PATIENCE = 300_000;

/** Starts the process with `env`. */
export function openServer(env) {
  let child;
  let lines;
  let errors = "";
  const start = () => {
    child = spawn(process.execPath, [SCRIPT], { env: { ...process.env, NO_COLOR: "1", ...env }, stdio: ["pipe", "pipe", "pipe"] });
    errors = "";
    child.stderr.on("data", (part) => (errors += part));
    lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  };
  return {
    /** Runs a command, of which `call` may say which system call fails. */
    async run(args, call) {
      if (!child || child.exitCode !== null || child.signalCode !== null) start();
      const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
      child.stdin.write(`${JSON.stringify({ args, call })}\n`);
      const { value } = await lines.next();
      clearTimeout(timer);
      if (value !== undefined) return JSON.parse(value);
      if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.on("exit", resolve));
      return { status: child.exitCode, signal: child.signalCode, stdout: "", stderr: errors, counts: [] };
    },
    close: () => child?.kill(),
  };
}
