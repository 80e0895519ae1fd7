// ECharts in a browser: larger than the rest of thaw, so only pages that draw charts load it.

import { UsageError } from "../core/errors.ts";
import { type DrawSvg, drawWith, type LoadDrawing } from "./draw.ts";

let loaded: typeof import("./echarts.browser.ts") | undefined;

export const loadDrawing: LoadDrawing = async () => {
  loaded ??= await import("./echarts.browser.ts");
};

export const drawSvg: DrawSvg = (...chart) => {
  if (!loaded) throw new UsageError("What draws charts is not loaded yet", "Call `await loadCharts()` before a chart's svg().");
  return drawWith(loaded, ...chart);
};
