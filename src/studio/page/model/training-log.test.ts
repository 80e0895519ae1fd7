import { expect, test } from "vitest";
import type { Recipe } from "../../../recipe/file/schema.ts";
import type { TrainingEvent } from "../../protocol/training.ts";
import { EMPTY_LOG, isBare, type TrainingLog, withEvent } from "./training-log.ts";

const event = (number: number, what: TrainingEvent["what"]): TrainingEvent => ({ run: "run", number, seconds: number + 0.5, what });
const progress = (loss: number) => ({ event: "progress", task: "Training", done: 1, total: 2, unit: "images", loss }) as const;
const epoch = (accuracy: number) =>
  ({
    event: "epoch",
    stage: "augment",
    epoch: 1,
    epochs: 3,
    trainLoss: 0.5,
    validLoss: 0.4,
    accuracy,
    bestAccuracy: accuracy,
    seconds: 1,
  }) as const;

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

/** A run of three stages on 24 pictures, stopped after the first epoch of the second one. */
const STAGES = [{ name: "precompute" }, { name: "augment" }, { name: "unfreeze" }];
const begun: readonly TrainingEvent["what"][] = [
  { event: "data", classes: ["blue", "red"], train: 24, valid: 8, leftOut: 0 },
  { event: "recipe", recipe: { stages: STAGES } as unknown as Recipe },
  { event: "stage", name: "precompute", purpose: "" },
  { event: "probe", accuracy: 0.75, loss: 0.019010939335345672, l2: 0.001, seconds: 0.5259 },
  { event: "lr", stage: "precompute", suggestion: 0.0912, reason: "valley of the finder's curve" },
  {
    event: "epoch",
    stage: "precompute",
    epoch: 1,
    epochs: 1,
    trainLoss: 0.1398,
    validLoss: 0.0071,
    accuracy: 1,
    bestAccuracy: 1,
    seconds: 0.7426,
  },
  { event: "stageEnd", name: "precompute", accuracy: 1, seconds: 9.3577, kept: true, note: "" },
  { event: "stage", name: "augment", purpose: "" },
  { event: "lr", stage: "augment", suggestion: 0.0912, reason: "the head's, as before" },
  {
    event: "epoch",
    stage: "augment",
    epoch: 1,
    epochs: 3,
    trainLoss: 0.8165,
    validLoss: 0.1814,
    accuracy: 0.875,
    bestAccuracy: 0.875,
    seconds: 0.8899,
  },
  { event: "stopped", folder: "model.unfinished" },
];
/** What it said when it was resumed, up to the second epoch of the second stage. */
const resumed: readonly TrainingEvent["what"][] = [
  { event: "data", classes: ["blue", "red"], train: 24, valid: 8, leftOut: 0 },
  { event: "resumed", folder: "model.unfinished" },
  { event: "stage", name: "precompute", purpose: "" },
  { event: "probe", accuracy: 0.75, loss: 0.019010939335345672, l2: 0.001, seconds: 0.3936 },
  { event: "lr", stage: "precompute", suggestion: 0.0912, reason: "found before" },
  {
    event: "epoch",
    stage: "precompute",
    epoch: 1,
    epochs: 1,
    trainLoss: 0.1398,
    validLoss: 0.0071,
    accuracy: 1,
    bestAccuracy: 1,
    seconds: 0.7426,
    resumed: true,
  },
  { event: "stageEnd", name: "precompute", accuracy: 1, seconds: 9.1313, kept: true, resumed: true, note: "" },
  { event: "stage", name: "augment", purpose: "" },
  { event: "lr", stage: "augment", suggestion: 0.0912, reason: "found before" },
  {
    event: "epoch",
    stage: "augment",
    epoch: 1,
    epochs: 3,
    trainLoss: 0.8165,
    validLoss: 0.1814,
    accuracy: 0.875,
    bestAccuracy: 0.875,
    seconds: 0.8899,
    resumed: true,
  },
  {
    event: "epoch",
    stage: "augment",
    epoch: 2,
    epochs: 3,
    trainLoss: 0.5785,
    validLoss: 0.0004,
    accuracy: 1,
    bestAccuracy: 1,
    seconds: 0.5596,
  },
];
const logOf = (told: readonly TrainingEvent["what"][]) => told.map((what, i) => event(i, what)).reduce(withEvent, EMPTY_LOG);
const namesOf = ({ stages }: TrainingLog) => stages.map(({ begun, epochs, end }) => [begun.name, epochs.length, end !== undefined]);

test("a resumed run lists each stage and each epoch once, in the list and in the curves", () => {
  const log = logOf([...begun, ...resumed]);
  expect(namesOf(log)).toEqual([
    ["precompute", 1, true],
    ["augment", 2, false],
  ]);
  expect(log.curves.accuracy.map(([, accuracy]) => accuracy)).toEqual([0.75, 1, 0.875, 1]);
  expect(log.curves.trainLoss.map(([, loss]) => loss)).toEqual([0.1398, 0.8165, 0.5785]);
  expect(log.curves.validLoss).toHaveLength(3);
  expect(log.recipe?.stages).toEqual(STAGES);
  const again = logOf([...begun, ...resumed, { event: "stopped", folder: "model.unfinished" }, ...resumed]);
  expect(namesOf(again)).toEqual(namesOf(log));
});

test("a stage for which there was no time is not to come when the run is resumed", () => {
  const leftOut = begun.flatMap((what): readonly TrainingEvent["what"][] =>
    what.event === "lr" && what.stage === "augment"
      ? [
          { event: "shortened", stage: "augment", epochs: 0, planned: 3 },
          { event: "stage", name: "unfreeze", purpose: "" },
        ]
      : what.event === "epoch" && what.stage === "augment"
        ? []
        : [what],
  );
  expect(logOf([...leftOut, ...resumed.slice(0, 2)]).recipe?.stages).toEqual([{ name: "precompute" }, { name: "unfreeze" }]);
});

test("views that are left out shorten no stage", () => {
  const log = logOf([...begun, { event: "shortened", stage: "tta", epochs: 0, planned: 4 }]);
  expect(log.stages.at(-1)?.shortened).toBeUndefined();
});

test("a run has computed nothing only if its log is there and says so", () => {
  expect(isBare(EMPTY_LOG)).toBe(false);
  const warned = logOf([
    { event: "warning", message: "1 photograph cannot be read" },
    { event: "failed", message: "The disk is full" },
  ]);
  expect(isBare(warned)).toBe(true);
  expect(warned.warnings).toHaveLength(1);
  expect(isBare(logOf(begun))).toBe(false);
  expect(isBare(logOf([{ event: "stage", name: "augment", purpose: "" }]))).toBe(false);
  // Resumed, and failed before its first stage: it has curves.
  expect(isBare(logOf([...begun, ...resumed.slice(0, 2), { event: "failed", message: "The disk is full" }]))).toBe(false);
});
