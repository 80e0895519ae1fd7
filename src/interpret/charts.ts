// Charts about predictions: calibration, ROC, precision and recall; and learning curves.

import type { Chart } from "../chart/chart.ts";
import { linesChart } from "../chart/lines.ts";
import { averagePrecision, precisionRecallCurve, rocCurve } from "../metrics/curves.ts";
import { type CalibrationBin, calibrationBins, calibrationError } from "../metrics/probability.ts";
import { rocAuc } from "../metrics/ranking.ts";

/** One class against the rest: a score for each row, and which rows are positive. */
export interface OneAgainstRest {
  readonly class: string;
  readonly scores: ArrayLike<number>;
  /** 0 or 1 [rows]. */
  readonly positive: ArrayLike<number>;
}

const SHARE = [0, 1] as const;
const DIAGONAL = [
  [0, 0],
  [1, 1],
] as const;
/** Curves with more points than this are thinned: there are fewer pixels. */
const MOST_POINTS = 500;
/** With more stages than this, names would overlap, so stages are numbered. */
const MOST_NAMED = 3;

/** A reliability diagram: accuracy at each confidence, and the share of images there. `probabilities` is [rows, classes]. */
export function calibrationChart(probabilities: Float32Array, targets: ArrayLike<number>, bins = 15): Chart {
  const parts = calibrationBins(probabilities, targets, bins);
  const filled = parts.filter(({ count }) => count > 0);
  const error = calibrationError(probabilities, targets, bins);
  const share = ({ count }: CalibrationBin) => count / targets.length;
  const steps = parts.flatMap((bin, i) => [[i / bins, share(bin)] as const, [(i + 1) / bins, share(bin)] as const]);
  return linesChart({
    title: `Calibration (expected error ${error.toFixed(3)})`,
    x: "confidence",
    range: SHARE,
    height: 220,
    panels: [
      {
        name: "accuracy",
        range: SHARE,
        lines: [
          { name: "accuracy", points: filled.map(({ confidence, accuracy }) => [confidence, accuracy] as const) },
          { name: "perfect", reference: true, points: DIAGONAL },
        ],
      },
      { name: "share of images", lines: [{ name: "share of images", points: steps }] },
    ],
  });
}

/** The ROC curve of each class against the rest, with the area under it. */
export function rocChart(classes: readonly OneAgainstRest[]): Chart {
  const lines = classes.map(({ class: name, scores, positive }) => {
    const { falsePositiveRates, truePositiveRates } = rocCurve(scores, positive);
    return { name: `${name} ${rocAuc(scores, positive).toFixed(3)}`, points: thin(falsePositiveRates, truePositiveRates) };
  });
  const chance = { name: "chance", reference: true, points: DIAGONAL };
  return linesChart({
    title: "ROC curve",
    x: "false positive rate",
    range: SHARE,
    height: 360,
    panels: [{ name: "true positive rate", range: SHARE, lines: [...lines, chance] }],
  });
}

/** Precision over recall of each class against the rest, with its average precision. */
export function precisionRecallChart(classes: readonly OneAgainstRest[]): Chart {
  const lines = classes.map(({ class: name, scores, positive }) => {
    const { precisions, recalls } = precisionRecallCurve(scores, positive);
    return { name: `${name} ${averagePrecision(scores, positive).toFixed(3)}`, points: thin(recalls, precisions) };
  });
  return linesChart({
    title: "Precision and recall",
    x: "recall",
    range: SHARE,
    height: 360,
    panels: [{ name: "precision", range: SHARE, lines }],
  });
}

/** The epochs of one stage of a run. */
export interface StageHistory {
  readonly name: string;
  readonly epochs: readonly { readonly trainLoss: number; readonly validLoss: number; readonly accuracy: number }[];
}

/** Losses and, for classes, accuracy after each epoch of a run, stage after stage. */
export function learningCurves(stages: readonly StageHistory[]): Chart {
  const epochs = stages.flatMap((stage) => stage.epochs);
  const points = (of: (epoch: (typeof epochs)[number]) => number) => epochs.map((epoch, i) => [i + 1, of(epoch)] as const);
  const losses = [
    { name: "training loss", points: points(({ trainLoss }) => trainLoss) },
    { name: "validation loss", points: points(({ validLoss }) => validLoss) },
  ];
  const accuracy = { name: "accuracy", lines: [{ name: "accuracy", points: points((epoch) => epoch.accuracy) }] };
  const starts = stages.map((_, i) => stages.slice(0, i).reduce((sum, stage) => sum + stage.epochs.length, 0));
  return linesChart({
    title: "Learning curves",
    x: "epoch",
    height: 220,
    panels: [{ name: "loss", lines: losses }, ...(epochs.some((epoch) => Number.isFinite(epoch.accuracy)) ? [accuracy] : [])],
    marks: stages.flatMap(({ name }, i) =>
      stages[i]!.epochs.length > 0
        ? [{ at: starts[i]! + (i === 0 ? 1 : 0.5), along: true, label: stages.length > MOST_NAMED ? `${i + 1}` : name }]
        : [],
    ),
  });
}

function thin(xs: Float64Array, ys: Float64Array): readonly (readonly [number, number])[] {
  const step = Math.max(1, Math.ceil(xs.length / MOST_POINTS));
  return Array.from(xs, (x, i) => [x, ys[i]!] as const).filter((_, i) => i % step === 0 || i === xs.length - 1);
}
