// What is known about a run from its events, and how fast it goes.

import type { RecipeEvent } from "../../recipe/events.ts";
import type { RunId, RunRow, RunState, TrainingEvent } from "../protocol/training.ts";
import type { RunFile } from "./run-file.ts";

type What = TrainingEvent["what"];

/** Seconds over which the speed is measured, and between two times that it is told. */
const [WINDOW, TOLD] = [3, 0.5];

export class RunTracker {
  readonly id: RunId;
  file: RunFile;
  /** Set while a process works on the run. */
  working: "running" | "stopping" | undefined;
  readonly #events: TrainingEvent[] = [];
  #seconds = 0;
  #row: Pick<RunRow, "accuracy" | "ttaAccuracy" | "network" | "size" | "seed" | "images" | "classes" | "problem"> = {
    accuracy: undefined,
    ttaAccuracy: undefined,
    network: undefined,
    size: undefined,
    seed: undefined,
    images: undefined,
    classes: undefined,
    problem: undefined,
  };
  #end: RunState | undefined;
  /** Progress of the task that runs, to measure it by. */
  #told = 0;
  #marks: { readonly task: string; readonly done: number; readonly seconds: number }[] = [];

  constructor(id: RunId, file: RunFile) {
    this.id = id;
    this.file = file;
  }

  /** All events but progress and speed. */
  get events(): readonly TrainingEvent[] {
    return this.#events;
  }

  /** Seconds of work until the last event. */
  get seconds(): number {
    return this.#seconds;
  }

  get row(): RunRow {
    const { name, started, request } = this.file;
    const state = this.working ?? this.#end ?? "killed";
    return { id: this.id, name, started, state, seconds: this.#seconds, limit: request.time, ...this.#row };
  }

  /** Takes an event in, and gives it with its number: progress and speed have that of the event before them. */
  take(what: What, seconds: number): TrainingEvent {
    this.#seconds = Math.max(this.#seconds, seconds);
    const passes = what.event === "progress" || what.event === "speed";
    const event = { run: this.id, number: passes ? this.#events.length - 1 : this.#events.length, seconds: this.#seconds, what };
    if (passes) return event;
    this.#events.push(event);
    this.#learn(what);
    return event;
  }

  /** How fast the task of the last progress goes; undefined if that does not train, or has just begun. */
  speed(progress: Extract<RecipeEvent, { event: "progress" }>): Extract<What, { event: "speed" }> | undefined {
    const { task, done, total, unit, loss } = progress;
    if (loss === undefined || unit !== "images") return undefined;
    const now = this.#seconds;
    const [stage, epoch, epochs] = epochIn(task);
    if (this.#marks[0]?.task !== task) this.#marks = [];
    this.#marks.push({ task, done, seconds: now });
    while (this.#marks.length > 2 && now - (this.#marks[1] as { seconds: number }).seconds > WINDOW) this.#marks.shift();
    const first = this.#marks[0] as { done: number; seconds: number };
    if (now === first.seconds || done === first.done || stage === "" || now - this.#told < TOLD) return undefined;
    this.#told = now;
    const imagesPerSecond = (done - first.done) / (now - first.seconds);
    return { event: "speed", imagesPerSecond, secondsLeft: (total * (epochs - epoch) + total - done) / imagesPerSecond };
  }

  #learn(what: What): void {
    // A run that goes on has not ended.
    this.#end = undefined;
    switch (what.event) {
      case "data":
        this.#row = { ...this.#row, images: what.train + what.valid, classes: what.classes.length };
        break;
      case "recipe": {
        const last = what.recipe.stages.at(-1);
        this.#row = { ...this.#row, network: last?.network, size: last?.size, seed: what.recipe.seed, problem: undefined };
        break;
      }
      case "probe":
        // The one of a further network may be worse than what is kept so far.
        this.#row = { ...this.#row, accuracy: this.#row.accuracy ?? what.accuracy };
        break;
      case "epoch":
        // Runs of earlier versions say only what each epoch came to.
        this.#row = { ...this.#row, accuracy: what.bestAccuracy ?? what.accuracy };
        break;
      case "done":
        this.#row = { ...this.#row, accuracy: what.accuracy, ttaAccuracy: what.ttaAccuracy };
        this.#end = "done";
        break;
      case "stopped":
        this.#row = { ...this.#row, accuracy: what.best?.accuracy ?? this.#row.accuracy };
        this.#end = "stopped";
        break;
      case "failed":
        // A run that failed after it was stopped safely, such as on a full disk, can be resumed.
        this.#row = { ...this.#row, problem: what.message };
        this.#end = "failed";
        break;
    }
  }
}

/** The stage, the epoch and the number of epochs in the name of a task: "Training the head, epoch 2 of 5". */
function epochIn(task: string): readonly [stage: string, epoch: number, epochs: number] {
  const found = /^(.*), epoch (\d+) of (\d+)$/.exec(task);
  return found ? [found[1] as string, Number(found[2]), Number(found[3])] : ["", 0, 0];
}
