// Drawing charts by ECharts, without a page, and saving them: the contracts of "#draw-chart" and "#save-chart".

import type { StoredFile } from "../core/store/store.ts";

type ECharts = typeof import("echarts/core");

/** The SVG of ECharts' `option` in `size`, in pixels. */
export type DrawSvg = (option: Readonly<Record<string, unknown>>, size: { readonly width: number; readonly height: number }) => string;

/** Loads what draws, where it is loaded apart. */
export type LoadDrawing = () => Promise<void>;

/** Writes `svg` as SVG or, where there is one, as a PNG of `scale` pixels per pixel, by the extension of `file`. Throws a UsageError for others. */
export type SaveChart = (file: string | StoredFile, svg: string, scale: number) => Promise<void>;

/** Draws with the given ECharts. */
export function drawWith({ init }: Pick<ECharts, "init">, ...[option, size]: Parameters<DrawSvg>): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
