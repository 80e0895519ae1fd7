// ECharts in Node: loaded when the first chart is drawn, from its one file for `require`, a tenth of the processor time that its modules take.

import { createRequire } from "node:module";
import { type DrawSvg, drawWith, type LoadDrawing } from "./draw.ts";

const require = createRequire(import.meta.url);

/** It is loaded when it is needed. */
export const loadDrawing: LoadDrawing = async () => {};

export const drawSvg: DrawSvg = (...chart) => drawWith(require("echarts") as typeof import("echarts"), ...chart);
