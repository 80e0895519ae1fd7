// Training, its runs and how they compare.

import type { RecipeChoices } from "../../recipe/choices/choice-table.ts";
import type { RecipeEvent } from "../../recipe/events.ts";
import type { PhotoId } from "./photographs.ts";

/** The name of a run: letters, digits and hyphens. */
export type RunId = string;

export interface TrainRequest {
  /** What the user calls the run; default its date. */
  readonly name?: string;
  /** Seconds that it should take at most; left out, as long as it takes. */
  readonly time?: number;
  /** What a recipe fixes, but for FILE_CHOICES; thaw makes the other choices. Networks are ones that thaw knows by name. */
  readonly choices?: RecipeChoices;
}

/** Choices that the page cannot make: they name files, or belong to networks that are files. */
export const FILE_CHOICES: ReadonlySet<string> = new Set(["weights", "cut", "mean", "std"]);

/** Something that happened in a run. */
export interface TrainingEvent {
  readonly run: RunId;
  /** Rises by one with each event of the run, from 0; progress and speed have that of the event before them. */
  readonly number: number;
  /** Seconds of work until then; of a resumed run, without the time between. */
  readonly seconds: number;
  /** An event of the recipe, how fast it goes, or how the process ended. */
  readonly what:
    | RecipeEvent
    | {
        readonly event: "speed";
        /** Photographs that are trained on in a second. */
        readonly imagesPerSecond: number;
        /** Until the stage ends. */
        readonly secondsLeft: number;
      }
    /** The run failed, or its process ended: it may be resumed. */
    | { readonly event: "failed"; readonly message: string; readonly hint?: string };
}

/** "stopped" runs, and those that were "killed" with their process, can be resumed. */
export type RunState = "running" | "stopping" | "stopped" | "killed" | "failed" | "done";

export interface RunRow {
  readonly id: RunId;
  readonly name: string;
  readonly state: RunState;
  /** When it began, in milliseconds since 1970. */
  readonly started: number;
  /** Of work, as of the last event. */
  readonly seconds: number;
  /** Seconds that it may take from its start, or from when it was resumed; undefined for as long as it takes. */
  readonly limit: number | undefined;
  /** Validation accuracy in [0, 1] of the best weights so far. */
  readonly accuracy: number | undefined;
  readonly ttaAccuracy: number | undefined;
  /** Known when the recipe is. */
  readonly network: string | undefined;
  readonly size: number | undefined;
  readonly seed: number | undefined;
  /** Of training and validation photographs together. */
  readonly images: number | undefined;
  readonly classes: number | undefined;
  /** Why it failed. */
  readonly problem: string | undefined;
}

export interface RunComparison {
  readonly runs: readonly RunId[];
  /** The choices that differ, in words, one value for each run. */
  readonly settings: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** Validation accuracies of runs whose choices differ in the seed alone. */
  readonly groups: readonly {
    readonly runs: readonly RunId[];
    readonly mean: number;
    /** The sample's standard deviation; undefined for one run. */
    readonly deviation: number | undefined;
  }[];
  /** Photographs that were validated in all runs and not predicted alike, with the prediction of each run. */
  readonly changed: readonly { readonly id: PhotoId; readonly label: string | undefined; readonly predicted: readonly string[] }[];
}
