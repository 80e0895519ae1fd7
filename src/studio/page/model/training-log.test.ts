import { expect, test } from "vitest";
import type { TrainingEvent } from "../../protocol/training.ts";
import { EMPTY_LOG, withEvent } from "./training-log.ts";

const event = (number: number, what: TrainingEvent["what"]): TrainingEvent => ({ run: "run", number, seconds: number + 0.5, what });
const progress = (loss: number) => ({ event: "progress", task: "Training", done: 1, total: 2, unit: "images", loss }) as const;
const epoch = (accuracy: number) =>
  ({ event: "epoch", stage: "augment", epoch: 1, epochs: 3, trainLoss: 0.5, validLoss: 0.4, accuracy, seconds: 1 }) as const;

test("an event that comes twice counts once, progress and speed as often as they come", () => {
  const told = [
    event(0, { event: "stage", name: "augment", purpose: "" }),
    event(0, progress(0.9)),
    event(0, progress(0.8)),
    event(0, { event: "speed", imagesPerSecond: 100, secondsLeft: 7 }),
    event(1, epoch(0.9)),
    event(1, epoch(0.9)),
    event(0, { event: "stage", name: "augment", purpose: "" }),
  ];
  const log = told.reduce(withEvent, EMPTY_LOG);
  expect(log.next).toBe(2);
  expect(log.stages.map(({ epochs }) => epochs.length)).toEqual([1]);
  expect(log.curves.batchLoss.map(([, loss]) => loss)).toEqual([0.9, 0.8]);
  expect(log.curves.accuracy).toEqual([[1.5, 0.9]]);
  expect([log.imagesPerSecond, log.secondsLeft]).toEqual([100, 7]);
});

test("a long run's curve keeps its ends and at most 600 points", () => {
  let log = EMPTY_LOG;
  for (let i = 0; i < 5000; i++) log = withEvent(log, { ...event(0, progress(i)), seconds: i });
  const points = log.curves.batchLoss;
  expect(points.length).toBeLessThanOrEqual(600);
  expect(points.length).toBeGreaterThan(250);
  expect([points[0], points.at(-1)]).toEqual([
    [0, 0],
    [4999, 4999],
  ]);
});

test("a run that failed and is resumed has failed no more", () => {
  const failed = withEvent(EMPTY_LOG, event(0, { event: "failed", message: "The disk is full" }));
  expect(failed.failed?.message).toBe("The disk is full");
  expect(withEvent(failed, event(1, { event: "resumed", folder: "run" })).failed).toBeUndefined();
});

test("a stage that was interrupted is listed once when the run is resumed", () => {
  const stage = (name: "precompute" | "augment"): TrainingEvent["what"] => ({ event: "stage", name, purpose: "" });
  const end = {
    event: "stageEnd",
    name: "precompute",
    accuracy: 0.9,
    seconds: 1,
    kept: true,
    note: "",
  } as unknown as TrainingEvent["what"];
  const told = [stage("precompute"), end, stage("augment"), { event: "resumed", folder: "run" } as const, stage("augment")];
  const log = told.map((what, i) => event(i, what)).reduce(withEvent, EMPTY_LOG);
  expect(log.stages.map(({ begun, end }) => [begun.name, end !== undefined])).toEqual([
    ["precompute", true],
    ["augment", false],
  ]);
});
