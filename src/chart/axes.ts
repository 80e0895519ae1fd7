// The axes of all charts.

import type { Palette } from "./palette.ts";

export interface AxisOptions {
  readonly name: string;
  readonly type?: "value" | "log" | "category";
  readonly gap: number;
  readonly min?: number;
  readonly max?: number;
  /** No grid lines; default false. */
  readonly bare?: boolean;
  readonly [echarts: string]: unknown;
}

/** ECharts' options for one axis, with its name centred `gap` pixels from it. */
export function axis(palette: Palette, { name, type = "value", gap, bare = false, axisLabel, ...others }: AxisOptions): object {
  return {
    type,
    name,
    nameLocation: "middle",
    nameGap: gap,
    nameTextStyle: { color: palette.quiet, fontSize: 12 },
    axisLabel: {
      color: palette.quiet,
      fontSize: 11,
      ...(type === "log" && { formatter: scientific }),
      ...(axisLabel as object | undefined),
    },
    axisLine: { show: true, lineStyle: { color: palette.mark } },
    axisTick: { lineStyle: { color: palette.mark } },
    splitLine: { show: !bare, lineStyle: { color: palette.faint } },
    minorTick: { show: false },
    ...others,
  };
}

function scientific(value: number): string {
  return value.toExponential(0).replace("e+0", "e0");
}
