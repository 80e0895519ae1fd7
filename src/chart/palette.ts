// The colours of charts, light and dark. Lines contrast with the background and with each other, also for colour-blind readers
// (palette.test.ts). "page" uses a page's own CSS variables instead, so that an SVG inside it follows its theme.

/** The background that a chart is drawn for. */
export type Theme = "light" | "dark";

export interface Palette {
  readonly ground: string;
  readonly text: string;
  /** Names and numbers of the axes. */
  readonly quiet: string;
  /** Grid lines. */
  readonly faint: string;
  /** Marks and reference lines. */
  readonly mark: string;
  /** Lines of data, in order. */
  readonly series: readonly string[];
  /** Cells: their value sets the opacity. */
  readonly cell: string;
  /** Text on an opaque cell. */
  readonly onCell: string;
}

const light: Palette = {
  ground: "#ffffff",
  text: "#1b2127",
  quiet: "#56606b",
  faint: "#e3e7eb",
  mark: "#767f89",
  series: ["#0060a8", "#c64f00", "#00795a", "#9d4385", "#6e6a00"],
  cell: "#063a70",
  onCell: "#ffffff",
};

const dark: Palette = {
  ground: "#14181d",
  text: "#e8ecf0",
  quiet: "#a5b0bb",
  faint: "#2b333b",
  mark: "#8b96a1",
  series: ["#5fb2ff", "#ff9d5c", "#3fc59b", "#e79ad0", "#cfc24d"],
  cell: "#8cc6ff",
  onCell: "#0b1420",
};

/** The colours of each theme; "page" is for an SVG inside a page that defines `--ground`, `--text`, … and `--series-1` to `--series-5`. */
export const palettes: Readonly<Record<Theme | "page", Palette>> = {
  light,
  dark,
  page: {
    ground: "none",
    text: "var(--text)",
    quiet: "var(--quiet)",
    faint: "var(--faint)",
    mark: "var(--mark)",
    series: light.series.map((_, i) => `var(--series-${i + 1})`),
    cell: "var(--cell)",
    onCell: "var(--on-cell)",
  },
};

/** The CSS declarations that give a page the colours of `theme`. */
export function paletteVariables(theme: Theme): string {
  const { series, onCell, ...others } = palettes[theme];
  const named = Object.entries({ ...others, "on-cell": onCell }).map(([name, colour]) => `--${name}:${colour}`);
  return [...named, ...series.map((colour, i) => `--series-${i + 1}:${colour}`)].join(";");
}
