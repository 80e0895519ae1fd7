// A chart as an object: an SVG for a light or dark background, which displays itself in notebooks and saves itself as SVG or PNG. ECharts
// draws it without a browser; the same data give the same text.

import { drawSvg, loadDrawing } from "#draw-chart";
import { saveChart } from "#save-chart";
import type { StoredFile } from "../core/store/store.ts";
import { type Palette, palettes, type Theme } from "./palette.ts";

/** tslab's `display`. */
export interface SvgDisplay {
  svg(text: string): void;
}

export interface SaveChartOptions {
  /** Default "light". */
  theme?: Theme;
  /** Pixels of a PNG per pixel of the SVG; default 2. */
  scale?: number;
}

export interface Chart {
  readonly title: string;
  /** Width in pixels; so is the height. */
  readonly width: number;
  readonly height: number;
  /**
   * The picture, for a light or dark background, or for a page with the variables of `paletteVariables`; default "light". `width`, in pixels,
   * is what it is drawn for, with text of the same size; a chart that cannot be so narrow is wider. In a browser `loadCharts` comes first.
   */
  svg(theme?: Theme | "page", width?: number): string;
  /** Writes an SVG or, in Node, a PNG, by the extension of `file`. Throws a UsageError for other extensions, and if it cannot be written. */
  save(file: string | StoredFile, options?: SaveChartOptions): Promise<void>;
  /** Shows the chart in tslab: `chart.show(tslab.display)`. */
  show(display: SvgDisplay): void;
  /** The SVG for a light background. */
  toString(): string;
}

/** In pixels. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** ECharts' options; its own type for them would ask for a browser's types in every project that uses thaw. */
export type ChartOption = Readonly<Record<string, unknown>>;

export interface ChartSpec {
  readonly title: string;
  /** A description for readers who cannot see the chart; default the title. */
  readonly description?: string | undefined;
  /** In pixels, if no other is asked for. */
  readonly width: number;
  /** The width and height of the chart that is drawn for a width. */
  readonly size: (width: number) => ChartSize;
  /** ECharts' options in the colours of `palette` for a width, without the title. */
  readonly option: (palette: Palette, width: number) => ChartOption;
}

/** The method that Deno's notebooks call to display an object. */
const DISPLAY = Symbol.for("Jupyter.display");

export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

/** Loads what draws charts, which a page loads apart from the rest of thaw, once; in Node it does nothing. */
export async function loadCharts(): Promise<void> {
  await loadDrawing();
}

/** Makes a chart from its options. */
export function makeChart(spec: ChartSpec): Chart {
  const svg = (theme: Theme | "page" = "light", width = spec.width): string => draw(spec, palettes[theme], width);
  return chartOf(spec.title, spec.size(spec.width), svg);
}

/** A chart from what draws it. */
export function chartOf(title: string, size: ChartSize, svg: Chart["svg"]): Chart {
  const chart = {
    title,
    ...size,
    svg: (theme?: Theme | "page", width?: number) => xmlText(svg(theme, width)),
    async save(file: string | StoredFile, { theme = "light", scale = 2 }: SaveChartOptions = {}) {
      await loadCharts();
      await saveChart(file, chart.svg(theme), scale);
    },
    show: (display: SvgDisplay) => display.svg(chart.svg()),
    toString: () => chart.svg(),
    [DISPLAY]: () => ({ "image/svg+xml": chart.svg(), "text/plain": title }),
  };
  return chart;
}

function draw({ title, description = title, size, option }: ChartSpec, palette: Palette, width: number): string {
  const whole = {
    animation: false,
    backgroundColor: palette.ground,
    textStyle: { fontFamily: FONT, color: palette.text },
    title: { text: title, left: "center", top: 12, textStyle: { fontSize: 16, fontWeight: 600, color: palette.text } },
    ...option(palette, width),
  };
  const svg = drawSvg(whole, size(width));
  // The styles and classes serve only hovering, which a picture does not have.
  const named = nameParts(svg.replace(/<style\s*>[\s\S]*?<\/style>/, "").replaceAll(/ (class|ecmeta_\w+)="[^"]*"/g, ""));
  return named.replace("<svg ", `<svg role="img" aria-label="${escapeAttribute(description)}" `);
}

/**
 * The SVG with ids that are the same in every run and differ between drawings: ECharts numbers its parts across all drawings, and ids in a
 * page with several drawings must not collide.
 */
function nameParts(svg: string): string {
  const names = new Map<string, string>();
  const numbered = svg.replaceAll(/\bzr\d+-\w+/g, (name) => {
    if (!names.has(name)) names.set(name, `part-${names.size}`);
    return names.get(name) as string;
  });
  let hash = 0;
  for (let i = 0; i < numbered.length; i++) hash = (Math.imul(hash, 31) + numbered.charCodeAt(i)) | 0;
  return numbered.replaceAll(/\bpart-(?=\d)/g, `c${(hash >>> 0).toString(36)}-`);
}

/** `svg` without the control characters that XML must not hold. */
function xmlText(svg: string): string {
  return svg.replaceAll(/[^\P{Cc}\t\n]/gu, "?");
}

/** `text` as an attribute's value or as text in XML. */
export function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
