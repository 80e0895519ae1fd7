// Drawing a chart by ECharts, without a page.

type ECharts = typeof import("echarts/core");

/** The SVG of ECharts' `option` in `size`, in pixels. */
export type DrawSvg = (option: Readonly<Record<string, unknown>>, size: { readonly width: number; readonly height: number }) => string;

/** Draws with the given ECharts. */
export function drawWith({ init }: Pick<ECharts, "init">, ...[option, size]: Parameters<DrawSvg>): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
