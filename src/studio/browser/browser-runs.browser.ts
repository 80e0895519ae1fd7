// The runs of a page: each trains in a worker of thaw's own, and all that it leaves is in the browser's storage.

import { storage } from "#storage";
import { UsageError } from "../../core/errors.ts";
import { parseJsonOrNothing } from "../../core/json.ts";
import type { SharedLog } from "../../core/store/shared-log.ts";
import type { Store } from "../../core/store/store.ts";
import { within } from "../../core/store/within.ts";
import { type TrainingWorker, trainInWorker } from "../../page/train-in-worker.browser.ts";
import type { RunId, RunRow, TrainingEvent, TrainRequest } from "../protocol/training.ts";
import { checkedRunName, EVENTS_FILE, LABELS_FILE, MODEL_FOLDER, RUN_FILE, readRunFile, writeRunFile } from "../runs/run-file.ts";
import { RunTracker } from "../runs/run-tracker.ts";
import type { TrainingTable } from "../runs/training-table.ts";
import type { Photographs } from "./photographs.browser.ts";

export interface BrowserRunsOptions {
  /** The folder of the runs in the browser's storage. */
  readonly folder: string;
  readonly cache: string;
  readonly photographs: Photographs;
  readonly newWorker: () => TrainingWorker;
  readonly now: () => number;
  readonly onEvent: (event: TrainingEvent) => void;
  readonly onChange: () => void;
}

const LINE_LIMITS = { bytes: 10_000_000, values: 1_000_000 };
const utf8 = new TextDecoder();

export class BrowserRuns {
  readonly #options: BrowserRunsOptions;
  readonly #runs = new Map<RunId, RunTracker>();
  #training: { readonly run: RunTracker; readonly stop: AbortController; readonly ended: Promise<void> } | undefined;

  private constructor(options: BrowserRunsOptions) {
    this.#options = options;
  }

  /** Finds the runs that there are. */
  static async open(options: BrowserRunsOptions): Promise<BrowserRuns> {
    const runs = new BrowserRuns(options);
    const entries = await storage.open(options.folder).list("");
    const ids = entries.flatMap(({ key }) => (key.endsWith(`/${RUN_FILE}`) ? [key.slice(0, -RUN_FILE.length - 1)] : []));
    for (const id of ids.sort()) await runs.#find(id);
    return runs;
  }

  /** The newest first. */
  get rows(): readonly RunRow[] {
    return [...this.#runs.values()].map(({ row }) => row).reverse();
  }

  /** Where a run's model is in the browser's storage. */
  model(id: RunId): string {
    return `${this.#folder(this.#run(id).id)}/${MODEL_FOLDER}`;
  }

  events(id: RunId, from: number): readonly TrainingEvent[] {
    return this.#run(id).events.slice(from);
  }

  /** Throws a UsageError for a run that is not done. */
  checkDone(id: RunId): void {
    const { state, name } = this.#run(id).row;
    if (state !== "done")
      throw new UsageError(`The run "${name}" is not done`, state === "running" ? "Wait until it is." : "Resume it first.");
  }

  async start(request: TrainRequest, { csv, valid }: TrainingTable): Promise<RunId> {
    this.#checkFree();
    const started = this.#options.now();
    const id = new Date(started).toISOString().slice(0, 23).replaceAll(/[T:.]/g, "-");
    const file = { name: checkedRunName(request.name ?? "") || id, started, request, valid };
    const store = this.#store(id);
    await store.put(LABELS_FILE, csv);
    await writeRunFile(store, file);
    const run = new RunTracker(id, file);
    this.#runs.set(id, run);
    await this.#train(run, false);
    return id;
  }

  async resume(id: RunId): Promise<void> {
    this.#checkFree();
    const run = this.#run(id);
    if (run.row.state === "done") throw new UsageError(`The run "${run.row.name}" is done`, "Start another one.");
    await this.#train(run, true);
  }

  stop(id: RunId): void {
    const run = this.#run(id);
    if (this.#training?.run !== run) throw new UsageError(`The run "${run.row.name}" does not run`, "Nothing is to be stopped.");
    run.working = "stopping";
    this.#training.stop.abort(new Error("Stopped"));
    this.#options.onChange();
  }

  async rename(id: RunId, name: string): Promise<void> {
    const run = this.#run(id);
    const checked = checkedRunName(name);
    if (checked === "") throw new UsageError("A run needs a name", "Give it one, or keep the one that it has.");
    run.file = { ...run.file, name: checked };
    await writeRunFile(this.#store(id), run.file);
    this.#options.onChange();
  }

  /** Deletes a run with its model. */
  async delete(id: RunId): Promise<void> {
    const run = this.#run(id);
    if (this.#training?.run === run) throw new UsageError(`The run "${run.row.name}" is going on`, "Stop it first.");
    const store = storage.open(this.#options.folder);
    for (const { key } of await store.list(`${id}/`)) await store.delete(key);
    this.#runs.delete(id);
    this.#options.onChange();
  }

  async close(): Promise<void> {
    this.#training?.stop.abort(new Error("Stopped"));
    await this.#training?.ended;
  }

  async #train(run: RunTracker, resume: boolean): Promise<void> {
    const { photographs, cache, newWorker } = this.#options;
    const { request, valid } = run.file;
    const store = this.#store(run.id);
    const table = `${run.id}-${LABELS_FILE}`;
    photographs.setTable(table, utf8.decode(await store.get(LABELS_FILE)));
    const log = await this.#log(run.id);
    const stop = new AbortController();
    const [begin, before] = [performance.now(), run.seconds];
    let writing: Promise<unknown> = Promise.resolve();
    const take = (what: TrainingEvent["what"]): void => {
      const seconds = before + (performance.now() - begin) / 1000;
      this.#options.onEvent(run.take(what, seconds));
      if (what.event === "progress") {
        const speed = run.speed(what);
        if (speed) this.#options.onEvent(run.take(speed, seconds));
        return;
      }
      const line = JSON.stringify({ what, seconds });
      writing = writing.then(() => log.append(line));
      this.#options.onChange();
    };
    const training = trainInWorker(
      {
        ...request.choices,
        folder: photographs.tree,
        csv: table,
        table: { skipHeader: true, catSeparator: "", separator: ",", valIdxs: valid },
        out: this.model(run.id),
        cache,
        resume,
        report: false,
        ...(request.time !== undefined && { time: request.time }),
        signal: stop.signal,
        onEvent: take,
      },
      newWorker(),
    );
    const ended = training
      .then(
        () => {},
        (error: unknown) => {
          if (stop.signal.aborted) return;
          const { message, hint } = error as { message: string; hint?: string };
          take({ event: "failed", message, ...(hint !== undefined && { hint }) });
        },
      )
      .then(async () => {
        await writing;
        await log.close();
        this.#training = undefined;
        run.working = undefined;
        this.#options.onChange();
      });
    run.working = "running";
    this.#training = { run, stop, ended };
    this.#options.onChange();
  }

  /** Takes in a run that an earlier visit left. */
  async #find(id: RunId): Promise<void> {
    const file = await readRunFile(this.#store(id));
    if (!file) return;
    const run = new RunTracker(id, file);
    const log = await this.#log(id);
    for (const line of await log.read()) {
      const event = parseJsonOrNothing(line, LINE_LIMITS) as { what?: TrainingEvent["what"]; seconds?: number } | undefined;
      if (event?.what && typeof event.seconds === "number") run.take(event.what, event.seconds);
    }
    await log.close();
    this.#runs.set(id, run);
  }

  #checkFree(): void {
    if (this.#training)
      throw new UsageError(`The run "${this.#training.run.row.name}" is going on`, "Stop it first, or wait until it is done.");
  }

  #run(id: RunId): RunTracker {
    const run = this.#runs.get(id);
    if (!run) throw new UsageError("There is no such run", "It may have been deleted in another tab.");
    return run;
  }

  #folder(id: RunId): string {
    return `${this.#options.folder}/${id}`;
  }

  #store(id: RunId): Store {
    return within(storage.open(this.#options.folder), id);
  }

  #log(id: RunId): Promise<SharedLog> {
    return storage.openLog(`${this.#folder(id)}/${EVENTS_FILE}`);
  }
}
