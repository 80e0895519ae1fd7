// The runs of the studio: the log of each that was looked at, and its results.

import { type Signal, signal } from "@preact/signals";
import type { StudioEngine } from "../../protocol/engine.ts";
import type { RunResults } from "../../protocol/results.ts";
import type { RunId, TrainingEvent } from "../../protocol/training.ts";
import { EMPTY_LOG, type TrainingLog, withEvent } from "./training-log.ts";

/** What was asked for: not there yet, there, or why not. */
export type Asked<Value> = { readonly value?: Value; readonly error?: unknown };

export class Runs {
  readonly #engine: Pick<StudioEngine, "trainingEvents" | "results">;
  readonly #onError: (error: unknown) => void;
  readonly #logs = new Map<RunId, Signal<TrainingLog>>();
  readonly #results = new Map<RunId, Signal<Asked<RunResults>>>();

  constructor(engine: Pick<StudioEngine, "trainingEvents" | "results">, onError: (error: unknown) => void) {
    this.#engine = engine;
    this.#onError = onError;
  }

  /** The log of a run, which fills as its events come. */
  log(run: RunId): Signal<TrainingLog> {
    let log = this.#logs.get(run);
    if (!log) {
      log = signal(EMPTY_LOG);
      this.#logs.set(run, log);
      this.#catchUp(run, log).catch(this.#onError);
    }
    return log;
  }

  hear(event: TrainingEvent): void {
    const log = this.#logs.get(event.run);
    if (!log) return;
    log.value = withEvent(log.value, event);
  }

  /** What a page that lost its connection has missed. */
  reread(): void {
    for (const [run, log] of this.#logs) this.#catchUp(run, log).catch(this.#onError);
  }

  async #catchUp(run: RunId, log: Signal<TrainingLog>): Promise<void> {
    const missed = await this.#engine.trainingEvents(run);
    const { next, curves, progress, imagesPerSecond, secondsLeft } = log.value;
    const whole = missed.reduce(withEvent, EMPTY_LOG);
    // What was heard meanwhile is newer than the answer, which has neither progress nor speed.
    if (whole.next < next) return;
    const { batchLoss, rate, speed } = curves;
    log.value = { ...whole, curves: { ...whole.curves, batchLoss, rate, speed }, progress, imagesPerSecond, secondsLeft };
  }

  /** The results of a run that is done. */
  results(run: RunId): Signal<Asked<RunResults>> {
    let results = this.#results.get(run);
    if (!results) {
      results = signal({});
      this.#results.set(run, results);
      this.askResults(run);
    }
    return results;
  }

  /** Asks for results, also again where they could not be had. */
  askResults(run: RunId): void {
    const asked = this.#results.get(run);
    if (!asked) return;
    asked.value = {};
    this.#engine.results(run).then(
      (value) => {
        asked.value = { value };
      },
      (error: unknown) => {
        asked.value = { error };
      },
    );
  }
}
