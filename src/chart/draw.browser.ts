// ECharts in a browser: the parts of it that thaw's charts need.

import { HeatmapChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { type DrawSvg, drawWith } from "./draw.ts";

use([LineChart, HeatmapChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, VisualMapComponent, SVGRenderer]);

export const drawSvg: DrawSvg = (...chart) => drawWith({ init }, ...chart);
