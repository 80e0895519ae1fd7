// The finder's curve: smoothed loss over learning rate, with the suggestion marked.

import { LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([LineChart, GridComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

export interface LearningRateCurve {
  readonly lrs: readonly number[];
  readonly losses: readonly number[];
  readonly suggestion: number | undefined;
}

/** An SVG of 640 × 400 pixels: loss over learning rate (logarithmic). */
export function learningRateChart({ lrs, losses, suggestion }: LearningRateCurve): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 640, height: 400 });
  chart.setOption({
    animation: false,
    title: { text: "Learning-rate finder", left: "center", textStyle: { fontSize: 16 } },
    grid: { left: 70, right: 30, top: 50, bottom: 60 },
    xAxis: {
      type: "log",
      name: "learning rate",
      nameLocation: "middle",
      nameGap: 32,
      min: lrs[0] ?? 1e-5,
      max: lrs.at(-1) ?? 1,
      axisLabel: { formatter: exponentLabel },
    },
    yAxis: { type: "value", name: "training loss (smoothed)", nameLocation: "middle", nameGap: 48, scale: true },
    series: [
      {
        type: "line",
        showSymbol: false,
        lineStyle: { color: "#0060a8", width: 2 },
        data: lrs.map((lr, i) => [lr, losses[i]]),
        ...(suggestion === undefined
          ? {}
          : {
              markLine: {
                symbol: "none",
                lineStyle: { color: "#c04000" },
                label: { formatter: `valley ${suggestion.toExponential(1)}` },
                data: [{ xAxis: suggestion }],
              },
            }),
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function exponentLabel(value: number): string {
  return value.toExponential(0).replace("e+0", "e0");
}
