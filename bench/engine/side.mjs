// One side of a row as a long-lived process: warm after start, then a round of work on request.

import { readFileSync, writeFileSync } from "node:fs";
import { startPeer } from "../peer.mjs";

/**
 * Starts `command` and waits until it is warm. `round()` gives one round's milliseconds, `peak()` the largest resident size since it was
 * warm, in bytes (Linux; undefined elsewhere), `stop()` ends it. Throws with the end of its error output when it fails.
 */
export async function startSide(command, env = {}) {
  const { ready, pid, ask, stop } = await startPeer(command, env);
  resetPeak(pid);
  return {
    versions: JSON.parse(ready.replace(/^ready /, "")),
    /** `processor`: milliseconds of processor time of the whole process (Linux) instead of the clock's. */
    async round(processor = false) {
      const before = processor ? processorTime(pid) : 0;
      const elapsed = Number(await ask("round"));
      return processor ? processorTime(pid) - before : elapsed;
    },
    peak: () => peakOf(pid),
    stop,
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
