// The curves of a run, as they grow.

import { useMemo } from "preact/hooks";
import { linesChart } from "../../../chart/lines.ts";
import type { TrainingLog } from "../model/training-log.ts";
import { ChartView } from "../parts/chart.tsx";

export function Curves({ curves, seconds }: Pick<TrainingLog, "curves" | "seconds">) {
  const end = Math.max(1, Math.ceil(seconds));
  // The tenth below the least accuracy: a line that does not change would have an axis of its own around it.
  const low = Math.max(0, (Math.ceil(10 * Math.min(1, ...curves.accuracy.map(([, accuracy]) => accuracy))) - 1) / 10);
  const loss = useMemo(
    () =>
      linesChart({
        title: "Loss",
        x: "seconds of work",
        range: [0, end],
        height: 200,
        panels: [
          {
            name: "loss",
            lines: [
              { name: "training, so far", points: curves.batchLoss },
              { name: "training, by epoch", points: curves.trainLoss },
              { name: "validation", points: curves.validLoss },
            ].filter(({ points }) => points.length > 0),
          },
        ],
      }),
    [curves.batchLoss, curves.trainLoss, curves.validLoss, end],
  );
  const accuracy = useMemo(
    () =>
      linesChart({
        title: "Validation accuracy",
        x: "seconds of work",
        range: [0, end],
        height: 200,
        panels: [{ name: "accuracy", range: [low, 1], lines: [{ name: "accuracy", points: curves.accuracy }] }],
      }),
    [curves.accuracy, end, low],
  );
  const rate = useMemo(
    () =>
      linesChart({
        title: "Speed",
        x: "seconds of work",
        range: [0, end],
        height: 200,
        panels: [{ name: "images per second", lines: [{ name: "images per second", points: curves.speed }] }],
      }),
    [curves.speed, end],
  );
  const learningRate = useMemo(
    () =>
      linesChart({
        title: "Learning rate",
        x: "seconds of work",
        range: [0, end],
        height: 200,
        panels: [{ name: "learning rate", lines: [{ name: "learning rate", points: curves.rate }] }],
      }),
    [curves.rate, end],
  );
  const has = (points: readonly unknown[]): boolean => points.length > 0;
  return (
    <div class="charts">
      {(has(curves.batchLoss) || has(curves.trainLoss)) && <ChartView chart={loss} height={340} />}
      {has(curves.accuracy) && <ChartView chart={accuracy} height={340} />}
      {has(curves.rate) && <ChartView chart={learningRate} height={340} />}
      {has(curves.speed) && <ChartView chart={rate} height={340} />}
    </div>
  );
}
