// The runs of a folder, each in a folder of its own: started, stopped and resumed in processes of their own, one at a time.

import { type ChildProcess, fork } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { diskStore } from "../../core/store/disk.node.ts";
import { openSharedLog } from "../../core/store/shared-log.node.ts";
import type { Store } from "../../core/store/store.ts";
import { writeError } from "../../core/system-error.ts";
import type { TrainOptions } from "../../recipe/options.ts";
import type { RunId, RunRow, TrainingEvent, TrainRequest } from "../protocol/training.ts";
import { checkedRunName, EVENTS_FILE, LABELS_FILE, MODEL_FOLDER, type RunFile, readRunFile, writeRunFile } from "../runs/run-file.ts";
import { checkFree, checkIdle, RunList } from "../runs/run-list.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
import type { TrainingTable } from "../runs/training-table.ts";
import type { FromTrainer, ToTrainer } from "./trainer.node.ts";

export interface RunsOptions {
  /** The folder of the runs' folders. */
  readonly folder: string;
  /** The photographs' folder. */
  readonly photographs: string;
  readonly cache: string;
  readonly offline?: boolean | undefined;
  readonly now: () => number;
  readonly onEvent: (event: TrainingEvent) => void;
  /** Called when a row changes. */
  readonly onChange: () => void;
}

/** The program of the process, as it is built. */
const TRAINER = createRequire(import.meta.url).resolve("#studio-trainer");
/** Milliseconds that a process has to stop before it is killed when the studio ends: what it has saved by then is resumed. */
const PATIENCE = 5000;

export class Runs {
  readonly #options: RunsOptions;
  readonly #runs = new RunList();
  #child: { readonly process: ChildProcess; readonly run: RunTracker; readonly ended: Promise<void> } | undefined;

  private constructor(options: RunsOptions) {
    this.#options = options;
  }

  /** Finds the runs that there are. */
  static async open(options: RunsOptions): Promise<Runs> {
    const names = await readdir(options.folder).catch(() => []);
    const found: { readonly id: RunId; readonly file: RunFile }[] = [];
    for (const id of names) {
      const file = await readRunFile(diskStore(join(options.folder, id)));
      if (file) found.push({ id, file });
    }
    found.sort((a, b) => a.file.started - b.file.started);
    const runs = new Runs(options);
    for (const { id, file } of found) runs.#runs.add(id, file, await logged(join(options.folder, id, EVENTS_FILE)));
    return runs;
  }

  /** The newest first. */
  get rows(): readonly RunRow[] {
    return this.#runs.rows;
  }

  /** What is in the folder of a run. */
  store(id: RunId): Store {
    return diskStore(this.#folder(this.#runs.get(id)));
  }

  /** The folder of a run's model. */
  model(id: RunId): string {
    return join(this.#folder(this.#runs.get(id)), MODEL_FOLDER);
  }

  events(id: RunId, from: number): readonly TrainingEvent[] {
    return this.#runs.events(id, from);
  }

  /** Throws a UsageError for a run that is not done. */
  checkDone(id: RunId): void {
    this.#runs.checkDone(id);
  }

  async start(request: TrainRequest, { csv, valid }: TrainingTable): Promise<RunId> {
    checkFree(this.#child?.run);
    const started = this.#options.now();
    const id = this.#newId(started);
    const name = checkedRunName(request.name ?? "") || id;
    const file = { name, started, request, valid };
    const store = diskStore(join(this.#options.folder, id));
    await store.put(LABELS_FILE, csv);
    await writeRunFile(store, file);
    checkFree(this.#child?.run);
    this.#work(this.#runs.add(id, file), false);
    return id;
  }

  resume(id: RunId): void {
    checkFree(this.#child?.run);
    this.#work(this.#runs.unfinished(id), true);
  }

  stop(id: RunId): void {
    this.#runs.running(id, this.#child?.run).working = "stopping";
    this.#say({ do: "stop" });
    this.#options.onChange();
  }

  async rename(id: RunId, name: string): Promise<void> {
    await this.#runs.rename(id, name, this.store(id));
    this.#options.onChange();
  }

  /** Deletes a run with its model. */
  async delete(id: RunId): Promise<void> {
    const run = this.#runs.get(id);
    checkIdle(run, this.#child?.run);
    const folder = this.#folder(run);
    await rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
      throw writeError(error, folder);
    });
    this.#runs.delete(id);
    this.#options.onChange();
  }

  /** Stops what runs, and waits for it. */
  async close(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#say({ do: "stop" });
    const timer = setTimeout(() => child.process.kill("SIGKILL"), PATIENCE);
    await child.ended;
    clearTimeout(timer);
  }

  #work(run: RunTracker, resume: boolean): void {
    const { photographs, cache, offline } = this.#options;
    const { request, valid } = run.file;
    const folder = this.#folder(run);
    const options: TrainOptions = {
      ...request.choices,
      folder: photographs,
      csv: join(folder, LABELS_FILE),
      table: { skipHeader: true, catSeparator: "", separator: ",", valIdxs: valid },
      out: join(folder, MODEL_FOLDER),
      cache,
      resume,
      report: false,
      ...(request.time !== undefined && { time: request.time }),
      ...(offline !== undefined && { offline }),
    };
    // Messages keep numbers that are not finite.
    const process = fork(TRAINER, {
      serialization: "advanced",
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const ended = new Promise<void>((resolve) => {
      const end = (failed: boolean): void => {
        if (this.#child?.process !== process) return;
        this.#child = undefined;
        run.working = undefined;
        if (failed)
          this.#take(
            run,
            { event: "failed", message: "The process that trained ended", hint: "Resume the run: it goes on from what was saved." },
            run.seconds,
          );
        this.#options.onChange();
        resolve();
      };
      process.once("exit", (code, signal) => end(code !== 0 && signal !== "SIGKILL"));
      // Without a number it was never started, so it does not end either.
      process.on("error", () => process.pid === undefined && end(true));
    });
    process.on("message", ({ what, seconds }: FromTrainer) => this.#take(run, what, seconds));
    this.#child = { process, run, ended };
    run.working = "running";
    this.#say({ do: "train", options, log: join(folder, EVENTS_FILE), before: run.seconds });
    this.#options.onChange();
  }

  #say(message: ToTrainer): void {
    // A process that has just ended takes no message any more.
    this.#child?.process.send(message, () => {});
  }

  #take(run: RunTracker, what: FromTrainer["what"], seconds: number): void {
    const event = run.take(what, seconds);
    this.#options.onEvent(event);
    if (what.event === "progress") {
      const speed = run.speed(what);
      if (speed) this.#options.onEvent(run.take(speed, seconds));
    } else this.#options.onChange();
  }

  #folder({ id }: RunTracker): string {
    return join(this.#options.folder, id);
  }

  /** A name by the time, in UTC: 2026-11-29-14-05-09. */
  #newId(started: number): RunId {
    const base = new Date(started).toISOString().slice(0, 19).replaceAll(/[T:]/g, "-");
    for (let number = 1; ; number++) {
      const id = number === 1 ? base : `${base}-${number}`;
      if (!this.#runs.has(id)) return id;
    }
  }
}

/** The lines of the log in a file. */
async function logged(file: string): Promise<readonly Uint8Array[]> {
  const log = await openSharedLog(file);
  try {
    return await log.read();
  } finally {
    await log.close();
  }
}
