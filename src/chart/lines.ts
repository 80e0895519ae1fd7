// Lines over a common axis, in one panel or several below each other, as SVG.

import { LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([LineChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Lines that share an axis of values. */
export interface Panel {
  /** What the values are. */
  readonly name: string;
  readonly lines: readonly Line[];
}

export interface LinesOptions {
  readonly title: string;
  /** What the horizontal axis is. */
  readonly x: string;
  /** Default false. */
  readonly logarithmic?: boolean;
  readonly panels: readonly Panel[];
  /** Places on the horizontal axis to mark with a vertical line. */
  readonly marks?: readonly number[];
}

const COLOURS = ["#0060a8", "#c04000", "#2a8000", "#7a3fa0", "#806000"];
const [WIDTH, TOP, HEIGHT, GAP, BOTTOM] = [640, 80, 270, 40, 60];

/** An SVG of 640 pixels' width, 270 and some more high for each panel. Points that are not numbers leave gaps. */
export function linesChart({ title, x, logarithmic = false, panels, marks = [] }: LinesOptions): string {
  const height = TOP + panels.length * (HEIGHT + GAP) - GAP + BOTTOM;
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  const lines = panels.flatMap((panel, index) => panel.lines.map((line) => ({ line, index })));
  const places = lines.flatMap(({ line }) => line.points.map(([place]) => place));
  const range = { min: places.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY), max: places.reduce((a, b) => Math.max(a, b), 0) };
  chart.setOption({
    animation: false,
    title: { text: title, left: "center", textStyle: { fontSize: 16 } },
    legend: { show: lines.length > panels.length, top: 38, itemGap: 28, data: lines.map(({ line }) => line.name) },
    grid: panels.map((_, i) => ({ left: 75, right: 30, top: TOP + i * (HEIGHT + GAP), height: HEIGHT })),
    xAxis: panels.map((_, i) => ({
      type: logarithmic ? "log" : "value",
      gridIndex: i,
      name: i === panels.length - 1 ? x : "",
      nameLocation: "middle",
      nameGap: 32,
      ...(places.length > 0 && range),
      ...(logarithmic && { axisLabel: { formatter: (value: number) => value.toExponential(0).replace("e+0", "e0") } }),
    })),
    yAxis: panels.map(({ name }, i) => ({ type: "value", gridIndex: i, name, nameLocation: "middle", nameGap: 52, scale: true })),
    series: lines.map(({ line, index }, i) => ({
      type: "line",
      name: line.name,
      xAxisIndex: index,
      yAxisIndex: index,
      showSymbol: line.points.length < 20,
      lineStyle: { color: COLOURS[i % COLOURS.length], width: 2 },
      itemStyle: { color: COLOURS[i % COLOURS.length] },
      data: line.points.map(([place, value]) => [place, Number.isFinite(value) ? value : null]),
      ...(marks.length > 0 && {
        markLine: {
          symbol: "none",
          silent: true,
          lineStyle: { color: "#888888" },
          label: { show: false },
          data: marks.map((mark) => ({ xAxis: mark })),
        },
      }),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
