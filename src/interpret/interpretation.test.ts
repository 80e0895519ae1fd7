import { expect, test } from "vitest";
import type { Predictions } from "../learner/predict/predictions.ts";
import { learningCurves } from "./charts.ts";
import { classReportLines } from "./class-report.ts";
import { interpret } from "./interpretation.ts";

// Three classes; each row's largest probability is the predicted class.
const rows: readonly (readonly [file: string, target: number, probabilities: readonly [number, number, number]])[] = [
  ["sure cat", 0, [0.98, 0.01, 0.01]],
  ["cat", 0, [0.7, 0.2, 0.1]],
  ["cat taken for dog", 0, [0.3, 0.6, 0.1]],
  ["cat taken for bird", 0, [0.02, 0.08, 0.9]],
  ["blurred cat", 0, [0.36, 0.34, 0.3]],
  ["dog", 1, [0.1, 0.8, 0.1]],
  ["dog taken for cat", 1, [0.55, 0.35, 0.1]],
  ["bird", 2, [0.2, 0.2, 0.6]],
];
const predictions: Predictions = {
  files: rows.map(([file]) => file),
  targets: Int32Array.from(rows, ([, target]) => target),
  probabilities: Float32Array.from(rows.flatMap(([, , probabilities]) => probabilities)),
  loss: 0,
  accuracy: 0,
};
const view = interpret(predictions, ["cats", "dogs", "birds"]);
const files = (picks: readonly { file: string }[]): string[] => picks.map(({ file }) => file);

test("most correct are the correctly predicted ones with the highest probability", () => {
  expect(files(view.mostCorrect("cats"))).toEqual(["sure cat", "cat", "blurred cat"]);
  expect(files(view.mostCorrect("cats", 1))).toEqual(["sure cat"]);
});

test("most incorrect are images predicted as another class, the lowest probability of their own first", () => {
  expect(files(view.mostIncorrect("cats"))).toEqual(["cat taken for bird", "cat taken for dog"]);
  expect(files(view.mostIncorrect("birds"))).toEqual([]);
});

test("most uncertain are images whose probability is nearest to 1/3, right or wrong", () => {
  expect(files(view.mostUncertain("cats"))).toEqual(["blurred cat", "cat taken for dog", "cat taken for bird", "cat"]);
});

test("the largest losses come first, with the predicted class", () => {
  const [first, second] = view.topLosses(2);
  expect(first).toEqual({
    index: 3,
    file: "cat taken for bird",
    target: 0,
    predicted: 2,
    probability: expect.closeTo(0.9, 6),
    targetProbability: expect.closeTo(0.02, 6),
    loss: expect.closeTo(-Math.log(0.02), 5),
  });
  expect(second?.file).toBe("cat taken for dog");
});

test("random picks are right (or wrong), and the same for the same seed", () => {
  expect(new Set(files(view.randomCorrect(9)))).toEqual(new Set(["sure cat", "cat", "blurred cat", "dog", "bird"]));
  expect(new Set(files(view.randomIncorrect(9)))).toEqual(new Set(["cat taken for dog", "cat taken for bird", "dog taken for cat"]));
  expect(view.randomCorrect(3, 7)).toEqual(view.randomCorrect(3, 7));
  expect(files(view.randomCorrect(5, 1))).not.toEqual(files(view.randomCorrect(5, 2)));
});

test("confused pairs of classes come with the most frequent first, from a least count on", () => {
  const twice = interpret({ ...predictions, targets: Int32Array.of(0, 0, 0, 0, 0, 1, 1, 0) }, ["cats", "dogs", "birds"]);
  expect(twice.mostConfused()).toEqual([
    { target: 0, predicted: 2, count: 2 },
    { target: 0, predicted: 1, count: 1 },
    { target: 1, predicted: 0, count: 1 },
  ]);
  expect(twice.mostConfused(2)).toHaveLength(1);
  expect(() => twice.mostConfused(0)).toThrow("Expected a number of at least 1 for the least count but received 0");
});

test("a threshold leaves unsure images without an answer", () => {
  expect(view.thresholds([0, 0.58, 0.99])).toEqual([
    { threshold: 0, answered: 1, precision: 5 / 8, recall: 5 / 8, f1: 5 / 8 },
    { threshold: 0.58, answered: 6 / 8, precision: 4 / 6, recall: 4 / 8, f1: expect.closeTo(4 / 7, 12) },
    { threshold: 0.99, answered: 0, precision: 0, recall: 0, f1: 0 },
  ]);
});

test("every chart is drawn, and the error names an unknown class", () => {
  const charts = [view.plotConfusion(), view.plotCalibration(), view.plotRoc(), view.plotPrecisionRecall(["dogs"]), view.plotThresholds()];
  for (const chart of charts) expect(chart.svg()).toMatch(/^<svg role="img"/);
  // Of dogs, the two positives have the ranks 1 and 3 among eight scores: (1 + 2/3) / 2.
  expect(view.plotPrecisionRecall(["dogs"]).svg()).toContain("dogs 0.833");
  expect(() => view.mostCorrect("dog")).toThrow('There is no class "dog"');
});

test("learning curves run through all stages and mark where each begins", () => {
  const epoch = { trainLoss: 0.5, validLoss: 0.4, accuracy: 0.8 };
  const svg = learningCurves([
    { name: "precompute", epochs: [epoch, epoch] },
    { name: "augment", epochs: [epoch] },
  ]).svg();
  for (const text of ["training loss", "validation loss", "accuracy", "precompute", "augment"]) expect(svg).toContain(`>${text}</text>`);
  expect(learningCurves([{ name: "precompute", epochs: [{ ...epoch, accuracy: Number.NaN }] }]).svg()).not.toContain("accuracy");
});

test("a report is a table with a row for each class and average", () => {
  expect(classReportLines(view.report())[1]).toBe("cats                  0.750      0.600      0.667          5");
  expect(classReportLines(view.report()).at(-1)).toMatch(/^weighted average +0\.\d{3} +0\.625/);
});

test("several labels have losses, reports and curves, but no confusion matrix", () => {
  const several = interpret(
    { files: ["a", "b"], targets: Int32Array.of(1, 1, 0, 1), probabilities: Float32Array.of(0.5, 0.5, 0.25, 0.5), loss: 0, accuracy: 0 },
    ["sun", "sand"],
    { threshold: 0.4 },
  );
  expect(several.kind).toBe("multi");
  expect(several.topLosses().map(({ file, loss }) => [file, loss])).toEqual([
    ["a", expect.closeTo(Math.log(2), 6)],
    ["b", expect.closeTo((Math.log(2) - Math.log(0.75)) / 2, 6)],
  ]);
  expect(several.report().micro).toMatchObject({ precision: 1, recall: 1 });
  expect(several.thresholds([0.3])).toEqual([{ threshold: 0.3, answered: 1, precision: 1, recall: 1, f1: 1 }]);
  expect(several.plotRoc(["sun"]).svg()).toContain("sun 1.000");
  expect(() => several.confusion()).toThrow("A confusion matrix is not available for images with several labels each");
});

test("numbers have losses, in standard deviations of the targets", () => {
  const numbers = interpret(
    {
      files: ["a", "b"],
      targets: new Int32Array(0),
      probabilities: new Float32Array(0),
      values: Float32Array.of(10, 20),
      targetValues: Float64Array.of(10, 30),
      loss: 0,
      accuracy: Number.NaN,
    },
    ["age"],
  );
  expect(numbers.topLosses()).toEqual([
    { index: 1, file: "b", loss: 1 },
    { index: 0, file: "a", loss: 0 },
  ]);
  for (const view of [() => numbers.report(), () => numbers.picks(), () => numbers.plotRoc(["age"])])
    expect(view).toThrow(/is not available for numbers/);
});
