// A confusion matrix as a heat map: true classes in rows, predicted ones in columns, darker for more, with numbers if they fit.

import { axis } from "./axes.ts";
import { type Chart, makeChart } from "./chart.ts";
import type { Palette } from "./palette.ts";

export interface ConfusionChartOptions {
  readonly classes: readonly string[];
  /** [classes, classes], row by row: true classes in rows, predicted ones in columns. */
  readonly counts: ArrayLike<number>;
  /** Show shares of each row instead of counts; default false. */
  readonly normalize?: boolean;
  readonly title?: string;
}

const [LEFT, TOP, RIGHT, BOTTOM] = [130, 60, 20, 120];
/** Width and height of the cells together if no width is asked for, of a cell at most, and at least with a number in it and without. */
const [CELLS, LARGEST, LEAST_WITH_NUMBER, LEAST] = [560, 64, 28, 6];
/** With more classes than this, cells have no numbers and some names are omitted. */
const ROOM_FOR_NUMBERS = 20;
/** A cell's opacity for shares of 0, 0.2, … 1: steep in the middle, where neither dark nor light numbers are easy to read. */
const OPACITIES = [0.08, 0.2, 0.35, 0.7, 0.85, 1];
/** Longer names are truncated. */
const LONGEST_NAME = 16;

/** The chart; empty cells are omitted. */
export function confusionChart({ classes, counts, normalize = false, title = "Confusion matrix" }: ConfusionChartOptions): Chart {
  const n = classes.length;
  const least = n > ROOM_FOR_NUMBERS ? LEAST : LEAST_WITH_NUMBER;
  const cellAt = (width: number): number => Math.max(least, Math.min(LARGEST, Math.floor((width - LEFT - RIGHT) / n)));
  const rows = classes.map((_, row) => Array.from({ length: n }, (_, column) => counts[row * n + column]!));
  const sums = rows.map((row) => row.reduce((a, b) => a + b, 0));
  const shares = rows.map((row, i) => row.map((count) => (sums[i] === 0 ? 0 : count / (sums[i] as number))));
  const text = (row: number, column: number): string => (normalize ? shares[row]![column]!.toFixed(2) : String(rows[row]![column]!));
  const option = (palette: Palette, width: number) => {
    const cell = cellAt(width);
    const names = { data: classes.map(shorten), type: "category" as const, bare: true, axisTick: { show: false } };
    return {
      grid: { left: LEFT, top: TOP, width: n * cell, height: n * cell },
      xAxis: axis(palette, { name: "predicted", gap: BOTTOM - 30, ...names, axisLabel: { rotate: n > 4 ? 45 : 0 } }),
      yAxis: axis(palette, { name: "true", gap: LEFT - 20, ...names, inverse: true }),
      // A cell's opacity shows its share of the row, so that one colour serves every theme.
      visualMap: { show: false, type: "continuous", min: 0, max: 1, dimension: 3, inRange: { opacity: [0, 1] } },
      series: [
        {
          type: "heatmap",
          silent: true,
          emphasis: { disabled: true },
          itemStyle: {
            color: palette.cell,
            borderColor: palette.ground === "none" ? "var(--ground)" : palette.ground,
            borderWidth: n > ROOM_FOR_NUMBERS ? 0 : 1,
          },
          label: { show: n <= ROOM_FOR_NUMBERS, opacity: 1, fontSize: Math.max(11, Math.min(13, cell / 2.6)) },
          data: rows.flatMap((row, i) =>
            row.flatMap((count, j) => {
              const share = shares[i]![j]!;
              if (count === 0) return [];
              return [
                {
                  value: [j, i, count, opacityOf(share)],
                  label: { formatter: text(i, j), color: share > 0.5 ? palette.onCell : palette.text },
                },
              ];
            }),
          ),
        },
      ],
    };
  };
  const right = sums.reduce((sum, _, i) => sum + rows[i]![i]!, 0);
  const total = sums.reduce((a, b) => a + b, 0);
  return makeChart({
    title,
    description: `${title}: ${n} classes, ${right} of ${total} on the diagonal`,
    width: LEFT + CELLS + RIGHT,
    size: (width) => ({ width: LEFT + n * cellAt(width) + RIGHT, height: TOP + n * cellAt(width) + BOTTOM }),
    option,
  });
}

function opacityOf(share: number): number {
  const at = Math.min(OPACITIES.length - 2, Math.floor(share * (OPACITIES.length - 1)));
  const [low, high] = [OPACITIES[at] as number, OPACITIES[at + 1] as number];
  return low + (high - low) * (share * (OPACITIES.length - 1) - at);
}

function shorten(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}
