// Lines over a shared horizontal axis, in one panel or in several stacked ones.

import { axis } from "./axes.ts";
import { type Chart, makeChart } from "./chart.ts";
import type { Palette } from "./palette.ts";

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Draw it as a dashed grey line to compare with; default false. */
  readonly reference?: boolean;
  /** Draw steps from point to point; default false. */
  readonly steps?: boolean;
}

/** Lines that share a vertical axis. */
export interface Panel {
  /** The name of the vertical axis. */
  readonly name: string;
  readonly lines: readonly Line[];
  /** The range of the vertical axis; default that of the values. */
  readonly range?: readonly [low: number, high: number];
}

/** A vertical line at a position on the horizontal axis. */
export interface Mark {
  readonly at: number;
  readonly label?: string;
  /** Sets the label along the line instead of above it, for lines closer to each other than their labels are long. */
  readonly along?: boolean;
}

export interface LinesOptions {
  readonly title: string;
  /** The name of the horizontal axis. */
  readonly x: string;
  /** Whether the horizontal axis is logarithmic; default false. */
  readonly logarithmic?: boolean;
  /** The range of the horizontal axis; default that of the points. */
  readonly range?: readonly [low: number, high: number];
  readonly panels: readonly Panel[];
  readonly marks?: readonly Mark[];
  /** Height of each panel in pixels; default 270. */
  readonly height?: number;
  /** A description for readers who cannot see the chart; default the title. */
  readonly description?: string;
}

const [WIDTH, LEFT, RIGHT, TOP, HEIGHT, GAP, BOTTOM] = [640, 75, 30, 80, 270, 40, 60];
/** Right of the axes in a chart narrower than 640 pixels. */
const NARROW_RIGHT = 16;
/** Lines also differ in their dashes, for readers who cannot see the colours. */
const DASHES = ["solid", [7, 4], [2, 3], [10, 3, 2, 3], [4, 2]] as const;
/** Of a vertical axis whose range is given. */
const STEPS = 5;
/** Lines with fewer points show each point. */
const FEW = 20;

/** The legend's measures in pixels: a symbol, a gap, a character (estimated) and the height of a row. */
const LEGEND = { symbol: 30, gap: 10, character: 7, row: 24 };

/** A chart 640 pixels wide and, for each panel, a little more than 270 pixels high. Points that are not numbers leave gaps. */
export function linesChart(options: LinesOptions): Chart {
  const { title, description, panels, height = HEIGHT } = options;
  return makeChart({
    title,
    description,
    width: WIDTH,
    size: (width) => ({ width, height: topOf(namedIn(panels), width) + panels.length * (height + GAP) - GAP + BOTTOM }),
    option: (palette, width) => optionOf(options, palette, width),
  });
}

/** The names that need a legend: those that differ from their axis's name. */
function namedIn(panels: readonly Panel[]): readonly string[] {
  return panels.flatMap(({ name, lines }) => lines.map((line) => line.name).filter((line) => lines.length > 1 || line !== name));
}

/** The top of the first panel: below the legend, which wraps when a row is full. */
function topOf(names: readonly string[], width: number): number {
  let [rows, used] = [1, 0];
  for (const name of names) {
    const item = LEGEND.symbol + LEGEND.gap + Math.min(name.length, longestName(width)) * LEGEND.character;
    if (used > 0 && used + item > width - 2 * LEGEND.gap) [rows, used] = [rows + 1, 0];
    used += item;
  }
  return TOP + (rows - 1) * LEGEND.row;
}

/** Characters of a name that fit into a legend. */
function longestName(width: number): number {
  return Math.floor((width - 2 * LEGEND.gap - LEGEND.symbol) / LEGEND.character) - 1;
}

/** A name without its middle if it is longer than `most`: its end may be a number. */
function shortened(name: string, most: number): string {
  return name.length > most ? `${name.slice(0, most - 8)}…${name.slice(-7)}` : name;
}

function optionOf({ x, logarithmic = false, panels, marks = [], range, height = HEIGHT }: LinesOptions, palette: Palette, width: number) {
  const lines = panels.flatMap((panel, index) => panel.lines.map((line, place) => ({ line, index, place })));
  const named = namedIn(panels);
  const [min, max] = range ?? rangeOf(lines.flatMap(({ line }) => line.points.map(([place]) => place)));
  return {
    legend: {
      show: named.length > 0,
      top: 42,
      width: width - 2 * LEGEND.gap,
      formatter: (name: string) => shortened(name, longestName(width)),
      itemGap: LEGEND.gap,
      itemWidth: LEGEND.symbol,
      textStyle: { color: palette.text, fontSize: 12 },
      data: named,
    },
    grid: panels.map((_, i) => ({
      left: LEFT,
      right: width < WIDTH ? NARROW_RIGHT : RIGHT,
      top: topOf(named, width) + i * (height + GAP),
      height,
    })),
    xAxis: panels.map((_, i) =>
      axis(palette, {
        name: i === panels.length - 1 ? x : "",
        type: logarithmic ? "log" : "value",
        gap: 32,
        bare: true,
        gridIndex: i,
        axisLabel: { hideOverlap: true },
        ...(min <= max && { min, max }),
      }),
    ),
    yAxis: panels.map(({ name, range: ends }, i) => axis(palette, { name, gap: 54, gridIndex: i, scale: true, ...(ends && evenly(ends)) })),
    series: lines.map(({ line, index, place }) => seriesOf(line, index, place, palette, place === 0 ? marks : [])),
  };
}

/** An axis from end to end in five equal steps: steps of round numbers would leave a short one, whose numbers lie on each other. */
function evenly([min, max]: readonly [number, number]) {
  return { min, max, interval: Number(((max - min) / STEPS).toPrecision(6)) };
}

function seriesOf(
  { name, points, reference = false, steps = false }: Line,
  panel: number,
  place: number,
  palette: Palette,
  marks: readonly Mark[],
) {
  const color = reference ? palette.mark : (palette.series[place % palette.series.length] as string);
  return {
    type: "line",
    name,
    silent: true,
    emphasis: { disabled: true },
    xAxisIndex: panel,
    yAxisIndex: panel,
    symbol: !reference && points.length < FEW ? "circle" : "none",
    symbolSize: 5,
    ...(steps && { step: "end" }),
    lineStyle: { color, width: reference ? 1 : 2, type: reference ? [4, 4] : DASHES[place % DASHES.length] },
    itemStyle: { color },
    data: points.map(([at, value]) => [at, Number.isFinite(value) ? value : null]),
    ...(marks.length > 0 && {
      markLine: {
        symbol: "none",
        silent: true,
        // Otherwise positions are rounded to two decimals, and small rates vanish.
        precision: -1,
        lineStyle: { color: palette.mark, type: "dashed" },
        label: { show: true, color: palette.text, fontSize: 11 },
        data: marks.map(({ at, label = "", along = false }) => ({
          xAxis: at,
          label: { formatter: label, ...(along && { position: "insideEndBottom" }) },
        })),
      },
    }),
  };
}

/** The smallest and largest of `values`; if there are none, the first is above the second. */
export function rangeOf(values: readonly number[]): readonly [number, number] {
  return values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}
