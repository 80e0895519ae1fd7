// A worker's engine: a process that loads the model once and does shard after shard. If it dies, of a lack of memory for example, its worker lives to
// tell, and starts another.

import { type ChildProcess, fork } from "node:child_process";
import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Job } from "./job.ts";
import type { Engine, Outcome } from "./worker.ts";

const PROGRAM = createRequire(import.meta.url).resolve("#shard-engine");

/** What the engine's process is told; it answers each shard with an Outcome. */
export type ToEngine = { readonly do: "shard"; readonly job: Job; readonly threads: number | undefined } | { readonly do: "stop" };

/** Milliseconds for a shard to stop before its process is killed; and the characters of what a process said that a failure tells. */
const [PATIENCE, TOLD] = [20_000, 2000];

/** An engine that computes with `threads` threads, by default one per core. */
export function processEngine(threads?: number): Engine {
  let running: { readonly folder: string; readonly child: ChildProcess; said: string } | undefined;

  const started = (folder: string): NonNullable<typeof running> => {
    if (running?.folder === folder && running.child.connected) return running;
    running?.child.disconnect();
    const child = fork(PROGRAM, { cwd: folder, stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
    const now = { folder, child, said: "" };
    child.stderr?.on("data", (text) => {
      now.said = `${now.said}${text}`.slice(-TOLD);
    });
    running = now;
    return now;
  };

  return {
    async run(job, signal) {
      if (!(await stat(job.folder).catch(() => undefined))?.isDirectory())
        return {
          kind: "unfit",
          message: `This machine has no folder ${job.folder}, in which the work was given`,
          hint: "Mount it here under the same name.",
        };
      if (signal.aborted) return { kind: "stopped" };
      const engine = started(job.folder);
      const { child } = engine;
      return new Promise<Outcome>((resolve) => {
        let killing: NodeJS.Timeout | undefined;
        const end = (outcome: Outcome): void => {
          clearTimeout(killing);
          signal.removeEventListener("abort", stop);
          child.off("message", heard).off("exit", exited).off("error", failed);
          resolve(outcome);
        };
        const heard = (outcome: Outcome): void => {
          // It is about to exit.
          if (outcome.kind === "crash") running = undefined;
          end(outcome);
        };
        const exited = (code: number | null, by: NodeJS.Signals | null): void => {
          running = undefined;
          const why = by === "SIGKILL" ? "was killed (SIGKILL), perhaps for lack of memory" : `ended with ${by ?? `exit code ${code}`}`;
          const said = engine.said.trim();
          end(signal.aborted ? { kind: "stopped" } : { kind: "crash", message: `The engine's process ${why}${said && `: ${said}`}` });
        };
        const failed = (error: Error): void => end({ kind: "crash", message: `The engine's process: ${error.message}` });
        const stop = (): void => {
          if (child.connected) child.send({ do: "stop" } satisfies ToEngine, () => {});
          killing = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
        };
        child.on("message", heard).on("exit", exited).on("error", failed);
        signal.addEventListener("abort", stop, { once: true });
        child.send({ do: "shard", job, threads } satisfies ToEngine, () => {});
      });
    },
    async close() {
      const child = running?.child;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.connected) child.disconnect();
      const killing = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
      await ended;
      clearTimeout(killing);
    },
  };
}
