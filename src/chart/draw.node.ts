// ECharts in Node: loaded when the first chart is drawn, from its one file for `require`, a tenth of the processor time that its modules take.

import { createRequire } from "node:module";
import { type DrawSvg, drawWith } from "./draw.ts";

const require = createRequire(import.meta.url);

export const drawSvg: DrawSvg = (...chart) => drawWith(require("echarts") as typeof import("echarts"), ...chart);
