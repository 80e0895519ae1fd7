// One side of a row as a long-lived process: warm after start, then a round of work on request. A side that is not asked is idle, so that
// the two take turns on the same cores.

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

/**
 * Starts `command` and waits until it is warm. `round()` gives one round's milliseconds, `peak()` the largest resident size since it was
 * warm, in bytes (Linux; undefined elsewhere), `stop()` ends it. Throws with the end of its error output when it fails.
 */
export async function startSide([command, ...args], env = {}) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors = (errors + text).slice(-2000);
  });
  child.stdin.on("error", () => {});
  const ended = new Promise((resolve) => child.on("close", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ${args.join(" ")} ended with ${await ended}:\n${errors}`);
    return value;
  };
  const ready = await answer();
  resetPeak(child.pid);
  return {
    versions: JSON.parse(ready.replace(/^ready /, "")),
    async round() {
      child.stdin.write("round\n");
      return Number(await answer());
    },
    peak: () => peakOf(child.pid),
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Forgets what a process needed to start and compile: its peak counts from its present size. */
function resetPeak(pid) {
  if (process.platform === "linux") writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function peakOf(pid) {
  if (process.platform !== "linux") return undefined;
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
