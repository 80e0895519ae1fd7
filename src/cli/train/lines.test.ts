// What a run looks like: its events, without running it.

import { beforeEach, expect, test, vi } from "vitest";
import { MEASURED_SETS } from "../../nn/default-network/measured.ts";
import type { RecipeEvent } from "../../recipe/events.ts";
import { planRecipe } from "../../recipe/plan/plan-recipe.ts";
import { plain } from "../shared/terminal.ts";
import { quietLines, stoppedLines, trainJson, trainLines } from "./lines.ts";
import { LossCurves } from "./loss-curve.ts";

// Where no `thaw` is on the PATH.
beforeEach(() => {
  vi.stubEnv("PATH", "");
  vi.stubEnv("npm_config_user_agent", undefined);
  return () => vi.unstubAllEnvs();
});

const saved: RecipeEvent = {
  event: "saved",
  accuracy: 0.983,
  ttaAccuracy: 0.985,
  stages: [
    { name: "precompute", accuracy: 0.983, seconds: 14, kept: true },
    { name: "unfreeze", accuracy: 0.971, seconds: 3805, kept: false },
    { name: "tta", accuracy: 0.985, seconds: 175, kept: true },
  ],
  model: "my models/dogscats",
};
const done: RecipeEvent = { ...saved, event: "done", report: "my models/dogscats/report.html" };

const run: readonly RecipeEvent[] = [
  { event: "data", classes: ["cats", "dogs"], train: 2000, valid: 1000, leftOut: 3 },
  { event: "stage", name: "precompute", purpose: "train the new head on activations that are computed once" },
  { event: "progress", task: "Computing activations", done: 64, total: 3000, unit: "images" },
  { event: "probe", accuracy: 0.971, loss: 0.0812, l2: 0.316, seconds: 0.4321 },
  { event: "lr", stage: "precompute", suggestion: 0.0316, reason: "valley of the finder's curve" },
  {
    event: "epoch",
    stage: "precompute",
    epoch: 1,
    epochs: 2,
    trainLoss: 0.0397681,
    validLoss: 0.0264674,
    accuracy: 0.97,
    bestAccuracy: 0.97,
    seconds: 7.2,
  },
  {
    event: "epoch",
    stage: "precompute",
    epoch: 2,
    epochs: 2,
    trainLoss: 12.5,
    validLoss: Number.NaN,
    accuracy: 0.983,
    bestAccuracy: 0.983,
    seconds: 6.8,
  },
  { event: "stageEnd", name: "precompute", accuracy: 0.983, seconds: 14, kept: true, note: "kept the weights after epoch 2" },
  { event: "stage", name: "unfreeze", purpose: "train all layers" },
  {
    event: "epoch",
    stage: "unfreeze",
    epoch: 1,
    epochs: 1,
    trainLoss: 0.1,
    validLoss: 0.2,
    accuracy: 0.971,
    bestAccuracy: 0.971,
    seconds: 3800,
  },
  {
    event: "stageEnd",
    name: "unfreeze",
    accuracy: 0.971,
    seconds: 3805,
    kept: false,
    note: "validation got worse, so the weights from before this stage are kept",
  },
  saved,
  done,
];

function print(events: readonly RecipeEvent[]): string {
  const lines: string[] = [];
  let previous: RecipeEvent | undefined;
  for (const event of events) {
    lines.push(...trainLines(event, previous, plain));
    if (event.event !== "progress") previous = event;
  }
  return lines.join("\n");
}

test("a person sees what each stage is for, its epochs as a table, its result, and what to do next", () => {
  expect(print(run)).toMatchInlineSnapshot(`
    "2 classes: cats, dogs
    2,000 photographs to train on, 1,000 to validate on, 3 left out

    precompute: train the new head on activations that are computed once
    first answer: 97.1 % in 0.4 s (linear classifier of the pretrained features)
    learning rate 3.2e-2 (valley of the finder's curve)
    epoch  train loss  valid loss  accuracy     time
        1    0.039768    0.026467  0.970000    00:07
        2   12.500000         NaN  0.983000    00:07
    accuracy 98.3 % after 00:14, kept the weights after epoch 2

    unfreeze: train all layers
    epoch  train loss  valid loss  accuracy     time
        1    0.100000    0.200000  0.971000  1:03:20
    accuracy 97.1 % after 1:03:25, not kept: validation got worse, so the weights from before this stage are kept

    stage       accuracy     time  result
    precompute  0.983000    00:14  kept
    unfreeze    0.971000  1:03:25  not kept
    tta         0.985000    02:55  measured, not in the model

    Accuracy on the validation photographs: 98.3 %, with test-time augmentation 98.5 %
    The classifier is in my models/dogscats.

    How the run went, and where the network looked, is in my models/dogscats/report.html.
    Try it:

      npx thaw predict 'my models/dogscats' <photo>"
  `);
});

test("8 bit is named with the difference it makes, and so is that it was turned off", () => {
  const choice = { event: "precision", precision: "int8", difference: 0.0731, limit: 0.35, images: 16 } as const;
  expect(print([choice])).toBe("frozen part in 8 bit for training: its features differ from full precision by 7.3 % on 16 photographs");
  expect(print([{ ...choice, precision: "fp32", difference: 0.81 }])).toBe(
    "frozen part in full precision: in 8 bit its features would differ by 81.0 % on 16 photographs, more than 35.0 %",
  );
});

test("what the answers can be trusted with follows the stages", () => {
  const trust = { event: "trust", temperature: 0.9, calibrationError: [0.04, 0.01] } as const;
  expect(print([{ ...trust, known: { keep: 0.95, kept: 0.94, newClass: 0.5 } }])).toBe(
    '\nConfidence and accuracy differ by 1.0 points on average, and by 4.0 points before the temperature of 0.90.\nPhotographs that are unlike its classes are answered with "none"; 94 % of known ones keep their answer, and 50 % of the photographs of classes that were left out in turn got "none".',
  );
});

test("the network that thaw chose is named with the reason, and with the better one that could not be had", () => {
  const network = { event: "network", network: "thaw_small", weights: "thaw_small", accuracy: 0.7, source: "thaw" } as const;
  const missed = {
    network: "resnet34",
    weights: "resnet34.tv_in1k",
    accuracy: 0.912,
    megabytes: 87.3,
    why: "the hub did not answer in 4 seconds",
  };
  expect(print([network])).toBe(`network thaw_small, which comes with thaw: 70 % on ${MEASURED_SETS} sets of photographs`);
  expect(print([{ ...network, missed }])).toBe(
    `network thaw_small, because the hub did not answer in 4 seconds; resnet34 (87 MB) gives 91 % instead of 70 % on ${MEASURED_SETS} sets of photographs`,
  );
});

test("many classes are named in part", () => {
  const classes = Array.from({ length: 102 }, (_, i) => `class-${i}`);
  expect(print([{ event: "data", classes, train: 1, valid: 1, leftOut: 0 }])).toMatchInlineSnapshot(`
    "102 classes: class-0, class-1, class-2, class-3, class-4, class-5 and 96 more
    1 photograph to train on, 1 to validate on"
  `);
  expect(print([{ event: "data", classes: classes.slice(0, 7), train: 1, valid: 1, leftOut: 0 }])).toContain("class-6");
});

test("a program gets every event but progress, one JSON object each, the result last", () => {
  const lines = run.flatMap(trainJson);
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(run.map(({ event }) => event).filter((event) => event !== "progress"));
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual(done);
});

test("what an earlier process trained is marked, in the stage's rows and in the table", () => {
  const resumed = run.flatMap((event): readonly RecipeEvent[] => {
    if (event.event === "epoch" && event.stage === "precompute") return [{ ...event, resumed: true }];
    if (event.event !== "saved") return [event];
    return [{ ...event, stages: event.stages.map((stage) => (stage.name === "precompute" ? { ...stage, resumed: true } : stage)) }];
  });
  const lines = print(resumed).split("\n");
  expect(lines.filter((line) => line.includes("before") && !line.includes(":  "))).toEqual([
    "    1    0.039768    0.026467  0.970000    00:07  before",
    "    2   12.500000         NaN  0.983000    00:07  before",
    "accuracy 97.1 % after 1:03:25, not kept: validation got worse, so the weights from before this stage are kept",
    "precompute  0.983000    00:14  kept, before",
  ]);
});

test("who stops a run is told what is kept, and the command that goes on", () => {
  const best = { model: "/photos-model.unfinished/best", accuracy: 0.973 };
  expect(stoppedLines({ event: "stopped", folder: "/photos-model.unfinished", best }, "thaw train photos --resume")).toEqual([
    "Stopped. The run is saved in /photos-model.unfinished.",
    "Its best model so far (accuracy 97.3 %) is in /photos-model.unfinished/best.",
    "Resume it:",
    "",
    "  thaw train photos --resume",
  ]);
});

test("choices come with their reasons; those that are always the same only where somebody made them", () => {
  const data = { fingerprint: "", classes: 2, train: 200, valid: 50 };
  const recipe = planRecipe({ maxZoom: 1.2 }, undefined, { train: 200, classCounts: [180, 20], cores: 2 }, data, () => 160);
  expect(trainLines({ event: "recipe", recipe }, undefined, plain).join("\n")).toMatchInlineSnapshot(`
    "
    stages   precompute + augment   (fewer than 1000 images gain nothing from training all layers)
    epochs   15 + 3                 (few images, so more epochs)
    batches  16 photographs         (13 steps an epoch)
    balance  classes equally often  (the largest class has 9 times as many images as the smallest)
    maxZoom  1.2                    (as asked)"
  `);
});

test("a stage at one of several sizes says so, and one that time is short for", () => {
  const stage: RecipeEvent = { event: "stage", name: "augment", purpose: "train", network: "resnet34", size: 128 };
  expect(trainLines(stage, undefined, plain)).toEqual(["", "augment (resnet34, 128 pixels): train"]);
  const short: RecipeEvent = { event: "shortened", stage: "unfreeze", epochs: 1, planned: 3 };
  expect(trainLines(short, undefined, plain)).toEqual(["1 epoch instead of 3, to keep the time limit"]);
  expect(trainLines({ ...short, epochs: 0 }, undefined, plain)).toEqual(["no time is left for this stage"]);
});

test("a quiet run prints its result alone", () => {
  expect(run.flatMap(quietLines)).toEqual(["accuracy 98.3 % my models/dogscats"]);
});

const tta = { name: "tta", seconds: 5, kept: true } as const;

test("several labels per photograph are measured by the share that is right, F1 and F2", () => {
  const metrics = { accuracy: 0.972, f1: 0.931, f2: 0.9 };
  const labels: readonly RecipeEvent[] = [
    { event: "data", kind: "multi", classes: ["beach", "sun"], train: 160, valid: 40, leftOut: 0 },
    {
      event: "epoch",
      stage: "augment",
      epoch: 1,
      epochs: 1,
      trainLoss: 0.5,
      validLoss: 0.25,
      accuracy: 0.972,
      bestAccuracy: 0.972,
      metrics,
      seconds: 7,
    },
    { event: "stageEnd", name: "augment", accuracy: 0.972, metrics, seconds: 14, kept: true, note: "kept the weights after epoch 1" },
    {
      event: "saved",
      accuracy: 0.972,
      metrics,
      ttaAccuracy: 0.98,
      ttaMetrics: { ...metrics, f1: 0.94 },
      stages: [{ ...tta, accuracy: 0.972, metrics }],
      model: "m",
    },
  ];
  expect(print(labels)).toMatchInlineSnapshot(`
    "2 labels: beach, sun (any number of them on a photograph)
    160 photographs to train on, 40 to validate on
    epoch  train loss  valid loss  accuracy        f1        f2     time
        1    0.500000    0.250000  0.972000  0.931000  0.900000    00:07
    labels right 97.2 %, f1 0.931, f2 0.9 after 00:14, kept the weights after epoch 1

    stage  accuracy        f1        f2   time  result
    tta    0.972000  0.931000  0.900000  00:05  measured, not in the model

    On the validation photographs: labels right 97.2 %, f1 0.931, f2 0.9
    With test-time augmentation: labels right 98.0 %, f1 0.94, f2 0.9
    The classifier is in m."
  `);
});

test("numbers are measured in their units, and have no accuracy", () => {
  const metrics = { rmse: 2512.34567, mae: 1.5, r2: 0.913 };
  const numbers: readonly RecipeEvent[] = [
    { event: "data", kind: "continuous", classes: ["grams"], train: 160, valid: 40, leftOut: 0 },
    {
      event: "epoch",
      stage: "augment",
      epoch: 1,
      epochs: 1,
      trainLoss: 0.5,
      validLoss: 0.25,
      accuracy: Number.NaN,
      bestAccuracy: Number.NaN,
      metrics,
      seconds: 7,
    },
    { event: "stageEnd", name: "augment", accuracy: Number.NaN, metrics, seconds: 14, kept: true, note: "kept the weights after epoch 1" },
    {
      event: "saved",
      accuracy: Number.NaN,
      metrics,
      ttaAccuracy: Number.NaN,
      ttaMetrics: metrics,
      stages: [{ ...tta, accuracy: Number.NaN, metrics }],
      model: "m",
    },
  ];
  expect(print(numbers)).toMatchInlineSnapshot(`
    "1 number: grams
    160 photographs to train on, 40 to validate on
    epoch  train loss  valid loss      rmse       mae        r2     time
        1    0.500000    0.250000  2512.346  1.500000  0.913000    00:07
    rmse 2512, mae 1.5, r2 0.913 after 00:14, kept the weights after epoch 1

    stage      rmse       mae        r2   time  result
    tta    2512.346  1.500000  0.913000  00:05  measured, not in the model

    On the validation photographs: rmse 2512, mae 1.5, r2 0.913
    With test-time augmentation: rmse 2512, mae 1.5, r2 0.913
    The model is in m."
  `);
  expect(trainJson(numbers[3] as RecipeEvent)).toEqual([
    '{"event":"saved","metrics":{"rmse":2512.34567,"mae":1.5,"r2":0.913},"ttaMetrics":{"rmse":2512.34567,"mae":1.5,"r2":0.913},' +
      '"stages":[{"name":"tta","seconds":5,"kept":true,"metrics":{"rmse":2512.34567,"mae":1.5,"r2":0.913}}],"model":"m"}',
  ]);
});

const epoch = run.find(({ event }) => event === "epoch") as RecipeEvent;
const stage = run.find(({ event }) => event === "stage") as RecipeEvent;

test("on a terminal the training loss is drawn beside each epoch, all on the scale of the stage's first", () => {
  const curves = new LossCurves();
  const drawn = (losses: readonly number[]): string => {
    for (const loss of losses) curves.see({ event: "progress", task: "Training", done: 1, total: 2, unit: "images", loss });
    const [line = ""] = trainLines(epoch, epoch, plain, curves.curve);
    curves.see(epoch);
    return line;
  };
  curves.see(stage);
  expect([drawn([3, 2, 1]), drawn([1, 1, 0]), drawn([30, 2])].map((line) => line.slice(48))).toEqual(["  █▆▃", "  ▃▃▁", "  █▆"]);
  curves.see(stage);
  expect(drawn([30, 15])).toBe("    1    0.039768    0.026467  0.970000    00:07  █▅");
  expect(trainLines(epoch, epoch, plain)).toEqual(["    1    0.039768    0.026467  0.970000    00:07"]);
});

test("the row of an epoch is one line in a terminal of any width from 40 columns on", () => {
  const metrics = { accuracy: 0.97, f1: 0.9, "average precision": 0.8 };
  const curve = { losses: Array.from({ length: 100 }, (_, i) => 1 / (i + 1)), top: 1 };
  for (const event of [epoch, { ...epoch, metrics } as RecipeEvent]) {
    for (const width of [40, 60, 80, 100, 200]) {
      const lines = trainLines(event, undefined, { ...plain, width }, curve);
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    }
  }
  expect(trainLines(epoch, undefined, { ...plain, width: 40 }, curve)).toEqual([
    "epoch   train   valid  accuracy   time",
    "    1  0.0398  0.0265    0.9700  00:07",
  ]);
});

test("without test-time augmentation the result says nothing of it", () => {
  const stages = saved.event === "saved" ? saved.stages.filter(({ name }) => name !== "tta") : [];
  expect(trainLines({ ...saved, stages } as RecipeEvent, undefined, plain).join("\n")).not.toContain("augmentation");
});
