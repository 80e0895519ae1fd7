import { expect, test } from "vitest";
import type { RecipeEvent } from "../../recipe/events.ts";
import { RunTracker } from "./run-tracker.ts";

const file = { name: "a", started: 0, request: {}, valid: [] };
const progress = (done: number, epoch = 1) =>
  ({ event: "progress", task: `Training the head, epoch ${epoch} of 4`, done, total: 100, unit: "images", loss: 1 }) as const;

test("the speed and the time left follow from progress within an epoch", () => {
  const run = new RunTracker("a", file);
  run.take(progress(0), 10);
  expect(run.speed(progress(0))).toBeUndefined();
  run.take(progress(50), 11);
  // 50 photographs a second: 50 are left of this epoch, and three epochs of 100.
  expect(run.speed(progress(50))).toEqual({ event: "speed", imagesPerSecond: 50, secondsLeft: 7 });
  run.take(progress(60), 11.2);
  expect(run.speed(progress(60))).toBeUndefined();
  run.take(progress(0, 2), 12);
  expect(run.speed(progress(0, 2))).toBeUndefined();
  expect(run.speed({ event: "progress", task: "Validating", done: 1, total: 2, unit: "images" })).toBeUndefined();
});

test("events are numbered, progress is not kept, and the state follows from the last event", () => {
  const run = new RunTracker("a", file);
  expect(run.row.state).toBe("killed");
  run.working = "running";
  run.take({ event: "stage", name: "precompute", purpose: "x" }, 1);
  expect(run.take(progress(1), 2).number).toBe(0);
  const epoch: RecipeEvent = {
    event: "epoch",
    stage: "precompute",
    epoch: 1,
    epochs: 2,
    trainLoss: 1,
    validLoss: 1,
    accuracy: 0.5,
    bestAccuracy: 0.5,
    seconds: 1,
  };
  expect(run.take(epoch, 3).number).toBe(1);
  run.take({ ...epoch, epoch: 2, accuracy: 0.4 }, 4);
  expect(run.row).toMatchObject({ state: "running", accuracy: 0.5, seconds: 4 });
  expect(run.events).toHaveLength(3);
  run.working = undefined;
  run.take({ event: "stopped", folder: "x" }, 5);
  expect(run.row.state).toBe("stopped");
  run.take({ event: "resumed", folder: "x" }, 5);
  expect(run.row.state).toBe("killed");
  run.take({ event: "failed", message: "no" }, 6);
  expect(run.row).toMatchObject({ state: "failed", problem: "no" });
});

test("a run of an earlier version, whose epochs do not say what is kept, shows the last epoch's accuracy", () => {
  const run = new RunTracker("a", file);
  const older = { event: "epoch", stage: "precompute", epoch: 1, epochs: 2, trainLoss: 1, validLoss: 1, accuracy: 0.7, seconds: 1 };
  run.take(older as RecipeEvent, 3);
  expect(run.row.accuracy).toBe(0.7);
});

test("the accuracy is that of the weights that are kept, not the highest of an epoch", () => {
  const run = new RunTracker("a", file);
  const epoch = { event: "epoch", stage: "precompute", epoch: 1, epochs: 3, trainLoss: 1, validLoss: 1, seconds: 1 } as const;
  const accuracies = (
    [
      { event: "probe", accuracy: 0.9, loss: 0.3, l2: 1, seconds: 1 },
      { ...epoch, accuracy: 0.85, bestAccuracy: 0.9 },
      // More accurate by no more than chance, and then better.
      { ...epoch, accuracy: 0.92, bestAccuracy: 0.9 },
      { ...epoch, accuracy: 0.91, bestAccuracy: 0.91 },
      // Of another network.
      { event: "probe", accuracy: 0.8, loss: 0.5, l2: 1, seconds: 1 },
      { event: "stopped", folder: "x", best: { model: "y", accuracy: 0.91 } },
    ] satisfies RecipeEvent[]
  ).map((what, i) => {
    run.take(what, i);
    return run.row.accuracy;
  });
  expect(accuracies).toEqual([0.9, 0.9, 0.9, 0.91, 0.91, 0.91]);
});
