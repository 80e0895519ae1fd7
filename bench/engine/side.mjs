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
    /** `processor`: milliseconds of processor time of the whole process (Linux) instead of the clock's. */
    async round(processor = false) {
      const before = processor ? processorTime(child.pid) : 0;
      child.stdin.write("round\n");
      const elapsed = Number(await answer());
      return processor ? processorTime(child.pid) - before : elapsed;
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

/** Milliseconds of user and system time of all threads; the kernel counts in hundredths of a second. */
function processorTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

function peakOf(pid) {
  if (process.platform !== "linux") return undefined;
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
