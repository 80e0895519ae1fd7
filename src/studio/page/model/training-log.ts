// A run as its events tell it: its stages, the points of its curves, and how fast it goes.

import type { Progress } from "../../../core/progress.ts";
import type { RecipeEvent, StageSummary } from "../../../recipe/events.ts";
import type { Recipe } from "../../../recipe/file/schema.ts";
import type { TrainingEvent } from "../../protocol/training.ts";

type EventOf<Name extends RecipeEvent["event"]> = Extract<RecipeEvent, { readonly event: Name }>;

export interface StageLog {
  readonly begun: EventOf<"stage">;
  readonly lr: EventOf<"lr"> | undefined;
  readonly shortened: EventOf<"shortened"> | undefined;
  readonly epochs: readonly EventOf<"epoch">[];
  readonly end: (StageSummary & { readonly note: string }) | undefined;
}

type Point = readonly [seconds: number, value: number];

export interface TrainingLog {
  /** The number of the next event. */
  readonly next: number;
  readonly seconds: number;
  /** Those when the run was resumed last, from which on its limit counts. */
  readonly resumedAt: number;
  readonly data: EventOf<"data"> | undefined;
  readonly network: EventOf<"network"> | undefined;
  readonly probe: EventOf<"probe"> | undefined;
  /** The losses of all probes, one for each network and size. */
  readonly probed: readonly number[];
  readonly recipe: Recipe | undefined;
  readonly stages: readonly StageLog[];
  readonly warnings: readonly { readonly message: string; readonly hint?: string }[];
  readonly progress: EventOf<"progress"> | undefined;
  readonly imagesPerSecond: number | undefined;
  readonly secondsLeft: number | undefined;
  /** Over the seconds of work. */
  readonly curves: {
    readonly batchLoss: readonly Point[];
    readonly rate: readonly Point[];
    readonly trainLoss: readonly Point[];
    readonly validLoss: readonly Point[];
    readonly accuracy: readonly Point[];
    readonly speed: readonly Point[];
  };
  readonly failed: { readonly message: string; readonly hint?: string } | undefined;
  readonly done: EventOf<"done"> | undefined;
}

export const EMPTY_LOG: TrainingLog = {
  next: 0,
  seconds: 0,
  resumedAt: 0,
  data: undefined,
  network: undefined,
  probe: undefined,
  probed: [],
  recipe: undefined,
  stages: [],
  warnings: [],
  progress: undefined,
  imagesPerSecond: undefined,
  secondsLeft: undefined,
  curves: { batchLoss: [], rate: [], trainLoss: [], validLoss: [], accuracy: [], speed: [] },
  failed: undefined,
  done: undefined,
};

/** Points of a curve that are kept; with more, every other one goes. */
const MOST_POINTS = 600;

/** The log after an event. Events that it has already, which come twice when a page opens during a run, change nothing. */
export function withEvent(log: TrainingLog, { number, seconds, what }: TrainingEvent): TrainingLog {
  // Progress and speed have the number of the event before them, and come once.
  const passes = what.event === "progress" || what.event === "speed";
  if (!passes && number < log.next) return log;
  const after: TrainingLog = { ...log, next: Math.max(log.next, number + 1), seconds };
  switch (what.event) {
    case "data":
      return { ...after, data: what };
    case "network":
      return { ...after, network: what };
    case "probe":
      // A resumed run says its probes again.
      if (log.probed.includes(what.loss)) return { ...after, probe: what };
      return {
        ...after,
        probe: what,
        probed: [...log.probed, what.loss],
        curves: { ...log.curves, accuracy: [...log.curves.accuracy, [seconds, what.accuracy]] },
      };
    case "recipe":
      return { ...after, recipe: what.recipe };
    case "warning":
      return { ...after, warnings: [...log.warnings, what] };
    case "progress":
      return { ...after, progress: what, curves: withBatch(log.curves, seconds, what) };
    case "speed":
      return {
        ...after,
        imagesPerSecond: what.imagesPerSecond,
        secondsLeft: what.secondsLeft,
        curves: { ...log.curves, speed: thinned([...log.curves.speed, [seconds, what.imagesPerSecond]]) },
      };
    case "stage":
      return { ...after, stages: [...log.stages, { begun: what, lr: undefined, shortened: undefined, epochs: [], end: undefined }] };
    case "lr":
      return { ...after, stages: withLast(log.stages, { lr: what }) };
    case "shortened":
      // That of test-time augmentation comes before its stage.
      return log.stages.at(-1)?.begun.name === what.stage ? { ...after, stages: withLast(log.stages, { shortened: what }) } : after;
    case "epoch": {
      const told = { ...after, stages: withLast(log.stages, { epochs: [...(log.stages.at(-1)?.epochs ?? []), what] }) };
      // What an earlier process trained is in the curves.
      return what.resumed ? told : { ...told, curves: withEpoch(log.curves, seconds, what) };
    }
    case "stageEnd":
      return { ...after, stages: withLast(log.stages, { end: what }), progress: undefined };
    case "failed":
      return { ...after, failed: what, progress: undefined };
    case "resumed":
      // The run says its stages again from the first on, but for those that were left out.
      return { ...after, stages: [], recipe: withoutLeftOut(log), failed: undefined, resumedAt: seconds };
    case "stopped":
      return { ...after, progress: undefined };
    case "done":
      return { ...after, done: what, progress: undefined };
    default:
      return after;
  }
}

/** Whether the log is there, and tells of nothing that was computed. */
export function isBare({ next, stages, probe, curves }: TrainingLog): boolean {
  return next > 0 && stages.length === 0 && !probe && curves.batchLoss.length + curves.accuracy.length === 0;
}

function withLast(stages: readonly StageLog[], change: Partial<StageLog>): readonly StageLog[] {
  const last = stages.at(-1);
  return last ? [...stages.slice(0, -1), { ...last, ...change }] : stages;
}

/** The recipe without the stages that had no time, which a resumed run does not plan any more. */
function withoutLeftOut({ recipe, stages }: TrainingLog): Recipe | undefined {
  return recipe && { ...recipe, stages: recipe.stages.filter((_, i) => stages[i]?.shortened?.epochs !== 0) };
}

function withEpoch(curves: TrainingLog["curves"], seconds: number, { trainLoss, validLoss, accuracy }: EventOf<"epoch">) {
  return {
    ...curves,
    trainLoss: [...curves.trainLoss, [seconds, trainLoss]],
    validLoss: [...curves.validLoss, [seconds, validLoss]],
    accuracy: [...curves.accuracy, [seconds, accuracy]],
  } satisfies TrainingLog["curves"];
}

function withBatch(curves: TrainingLog["curves"], seconds: number, { loss, lr }: Progress): TrainingLog["curves"] {
  const grown = (points: readonly Point[], value: number | undefined): readonly Point[] =>
    value === undefined || !Number.isFinite(value) ? points : thinned([...points, [seconds, value]]);
  return { ...curves, batchLoss: grown(curves.batchLoss, loss), rate: grown(curves.rate, lr) };
}

function thinned(points: readonly Point[]): readonly Point[] {
  return points.length <= MOST_POINTS ? points : points.filter((_, i) => i % 2 === 0 || i === points.length - 1);
}
