// The processes of this machine, for locks.

import { readFileSync } from "node:fs";
import { hostname, uptime } from "node:os";
import { performance } from "node:perf_hooks";
import type { Holder, Processes } from "./store/lock.ts";
import { systemCode } from "./system-error.ts";

/** Seconds by which clocks may be set while a machine runs. */
const TOLERANCE = 300;

export const processes: Processes = {
  own: {
    pid: process.pid,
    host: hostname(),
    started: new Date(performance.timeOrigin).toISOString(),
    ...identityOf(process.pid),
  },
  isRunning({ pid, host, started, identity }) {
    const { own } = processes;
    if (host !== own.host) return true;
    const now = identityOf(pid).identity;
    if (identity !== undefined && now !== undefined) return identity === now;
    if (pid === own.pid) return started === own.started;
    const booted = performance.timeOrigin + performance.now() - 1000 * uptime();
    return Date.parse(started) > booted - 1000 * TOLERANCE && exists(pid);
  },
};

/** Whether there is a process with the number `pid`. */
export function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Without the right to signal it, it runs.
    return systemCode(error) === "EPERM";
  }
}

/** On Linux, the boot and the clock tick in which the process `pid` started: numbers of processes are used again. */
function identityOf(pid: number): Pick<Holder, "identity"> {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the program's name in brackets, may hold spaces; the process's start is the 22nd.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A process that has ended but was not waited for does not run.
    return state === "Z" ? { identity: "ended" } : { identity: `${boot} ${fields[18]}` };
  } catch {
    return {};
  }
}
