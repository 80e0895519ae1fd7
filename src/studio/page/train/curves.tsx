// The curves of a run, as they grow.

import { useMemo } from "preact/hooks";
import { linesChart } from "../../../chart/lines.ts";
import type { TrainingLog } from "../model/training-log.ts";
import { ChartView } from "../parts/chart.tsx";

export function Curves({ curves, seconds }: Pick<TrainingLog, "curves" | "seconds">) {
  const end = Math.max(1, Math.ceil(seconds));
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
        panels: [{ name: "accuracy", lines: [{ name: "accuracy", points: curves.accuracy }] }],
      }),
    [curves.accuracy, end],
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
  const has = (points: readonly unknown[]): boolean => points.length > 0;
  return (
    <div class="charts">
      {(has(curves.batchLoss) || has(curves.trainLoss)) && <ChartView chart={loss} height={340} />}
      {has(curves.accuracy) && <ChartView chart={accuracy} height={340} />}
      {has(curves.speed) && <ChartView chart={rate} height={340} />}
    </div>
  );
}
