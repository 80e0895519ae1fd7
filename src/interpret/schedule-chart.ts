// What a stage trained with, batch by batch.

import type { Chart } from "../chart/chart.ts";
import { linesChart, type Panel } from "../chart/lines.ts";

export interface Schedule {
  readonly stage: string;
  /** Of the last layers. */
  readonly lrs: readonly number[];
  readonly momentums: readonly number[];
  /** Smoothed. */
  readonly losses: readonly number[];
  /** How many batches are between two values; default 1. */
  readonly step?: number;
}

/** A chart of the learning rate, the momentum and the loss over the batches of a stage. */
export function scheduleChart({ stage, lrs, momentums, losses, step = 1 }: Schedule): Chart {
  const panel = (name: string, values: readonly number[]): Panel => ({
    name,
    lines: [{ name, points: values.map((value, i) => [i * step + 1, value] as const) }],
  });
  const panels = [panel("learning rate", lrs), panel("momentum", momentums), panel("training loss (smoothed)", losses)];
  return linesChart({
    title: `Stage ${stage}`,
    x: "batch",
    height: 150,
    panels: panels.filter(({ lines }) => lines[0]!.points.length > 0),
  });
}
