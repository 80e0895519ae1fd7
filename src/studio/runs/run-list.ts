// The runs that a studio knows, by their ids: what every engine says of them, however it trains.

import { UsageError } from "../../core/errors.ts";
import { parseJsonOrNothing } from "../../core/json.ts";
import type { Store } from "../../core/store/store.ts";
import type { RunId, RunRow, TrainingEvent } from "../protocol/training.ts";
import { checkedRunName, type RunFile, writeRunFile } from "./run-file.ts";
import { RunTracker } from "./run-tracker.ts";

/** A line of a run's log. */
type LoggedEvent = Pick<TrainingEvent, "what" | "seconds">;

const LINE_LIMITS = { bytes: 10_000_000, values: 1_000_000 };

export class RunList {
  readonly #runs = new Map<RunId, RunTracker>();

  /** The newest first. */
  get rows(): readonly RunRow[] {
    return [...this.#runs.values()].map(({ row }) => row).reverse();
  }

  /** Adds a run, newer than all that there are, with what the `lines` of its log tell. */
  add(id: RunId, file: RunFile, lines: readonly Uint8Array[] = []): RunTracker {
    const run = new RunTracker(id, file);
    for (const line of lines) {
      const event = parseJsonOrNothing(line, LINE_LIMITS) as Partial<LoggedEvent> | undefined;
      if (event && isEvent(event)) run.take(event.what, event.seconds);
    }
    this.#runs.set(id, run);
    return run;
  }

  has(id: RunId): boolean {
    return this.#runs.has(id);
  }

  /** Throws a UsageError if there is no such run. */
  get(id: RunId): RunTracker {
    const run = this.#runs.get(id);
    if (!run) throw new UsageError("There is no such run", "It may have been deleted in another tab.");
    return run;
  }

  /** A run that can be resumed. Throws a UsageError for one that is done. */
  unfinished(id: RunId): RunTracker {
    const run = this.get(id);
    if (run.row.state === "done") throw new UsageError(`The run "${run.row.name}" is done`, "Start another one.");
    return run;
  }

  /** The run, if it is the one that goes on (`working`). Throws a UsageError if it is not. */
  running(id: RunId, working: RunTracker | undefined): RunTracker {
    const run = this.get(id);
    if (working !== run) throw new UsageError(`The run "${run.row.name}" does not run`, "Nothing is to be stopped.");
    return run;
  }

  /** Throws a UsageError for a run that is not done. */
  checkDone(id: RunId): void {
    const { state, name } = this.get(id).row;
    if (state !== "done")
      throw new UsageError(`The run "${name}" is not done`, state === "running" ? "Wait until it is." : "Resume it first.");
  }

  events(id: RunId, from: number): readonly TrainingEvent[] {
    return this.get(id).events.slice(from);
  }

  /** Renames a run, also in its folder. Throws a UsageError if it has no name then. */
  async rename(id: RunId, name: string, store: Store): Promise<void> {
    const run = this.get(id);
    const checked = checkedRunName(name);
    if (checked === "") throw new UsageError("A run needs a name", "Give it one, or keep the one that it has.");
    const file = { ...run.file, name: checked };
    await writeRunFile(store, file);
    run.file = file;
  }

  delete(id: RunId): void {
    this.#runs.delete(id);
  }
}

/** Throws a UsageError if a run is `working`. */
export function checkFree(working: RunTracker | undefined): void {
  if (working) throw new UsageError(`The run "${working.row.name}" is going on`, "Stop it first, or wait until it is done.");
}

/** Throws a UsageError if `run` is the one that is `working`. */
export function checkIdle(run: RunTracker, working: RunTracker | undefined): void {
  if (working === run) throw new UsageError(`The run "${run.row.name}" is going on`, "Stop it first.");
}

/** Whether a line is an event, as far as that matters here: what it tells is shown, not done. */
function isEvent(event: Partial<LoggedEvent>): event is LoggedEvent {
  return (
    typeof event === "object" &&
    typeof event.seconds === "number" &&
    typeof event.what === "object" &&
    typeof event.what?.event === "string"
  );
}
