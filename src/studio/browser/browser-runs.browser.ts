// The runs of a page: each trains in a worker of thaw's own, and all that it leaves is in the browser's storage.

import { storage } from "#storage";
import type { SharedLog } from "../../core/store/shared-log.ts";
import type { Store } from "../../core/store/store.ts";
import { within } from "../../core/store/within.ts";
import { type TrainingWorker, trainInWorker } from "../../page/train-in-worker.browser.ts";
import type { RunId, RunRow, TrainingEvent, TrainRequest } from "../protocol/training.ts";
import { checkedRunName, EVENTS_FILE, LABELS_FILE, MODEL_FOLDER, RUN_FILE, readRunFile, writeRunFile } from "../runs/run-file.ts";
import { checkFree, checkIdle, RunList } from "../runs/run-list.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
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

const utf8 = new TextDecoder();

export class BrowserRuns {
  readonly #options: BrowserRunsOptions;
  readonly #runs = new RunList();
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
    return this.#runs.rows;
  }

  /** What is in the folder of a run. */
  store(id: RunId): Store {
    return within(storage.open(this.#options.folder), id);
  }

  /** Where a run's model is in the browser's storage. */
  model(id: RunId): string {
    return `${this.#folder(this.#runs.get(id).id)}/${MODEL_FOLDER}`;
  }

  events(id: RunId, from: number): readonly TrainingEvent[] {
    return this.#runs.events(id, from);
  }

  /** Throws a UsageError for a run that is not done. */
  checkDone(id: RunId): void {
    this.#runs.checkDone(id);
  }

  async start(request: TrainRequest, { csv, valid }: TrainingTable): Promise<RunId> {
    checkFree(this.#training?.run);
    const started = this.#options.now();
    const time = new Date(started).toISOString().replaceAll(/[T:.]/g, "-");
    const [id, toTheSecond] = [time.slice(0, 23), time.slice(0, 19)];
    const file = { name: checkedRunName(request.name ?? "") || toTheSecond, started, request, valid };
    const store = this.store(id);
    await store.put(LABELS_FILE, csv);
    await writeRunFile(store, file);
    await this.#train(this.#runs.add(id, file), false);
    return id;
  }

  async resume(id: RunId): Promise<void> {
    checkFree(this.#training?.run);
    await this.#train(this.#runs.unfinished(id), true);
  }

  stop(id: RunId): void {
    this.#runs.running(id, this.#training?.run).working = "stopping";
    this.#training?.stop.abort(new Error("Stopped"));
    this.#options.onChange();
  }

  async rename(id: RunId, name: string): Promise<void> {
    await this.#runs.rename(id, name, this.store(id));
    this.#options.onChange();
  }

  /** Deletes a run with its model. */
  async delete(id: RunId): Promise<void> {
    checkIdle(this.#runs.get(id), this.#training?.run);
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
    const store = this.store(run.id);
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
    const file = await readRunFile(this.store(id));
    if (!file) return;
    const log = await this.#log(id);
    this.#runs.add(id, file, await log.read());
    await log.close();
  }

  #folder(id: RunId): string {
    return `${this.#options.folder}/${id}`;
  }

  #log(id: RunId): Promise<SharedLog> {
    return storage.openLog(`${this.#folder(id)}/${EVENTS_FILE}`);
  }
}
