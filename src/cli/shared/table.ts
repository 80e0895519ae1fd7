// Tables that fit their terminal: texts wrap inside their columns, and if even that does not fit, each row becomes a paragraph.

import stringWidth from "fast-string-width";
import { wrapAnsi } from "fast-wrap-ansi";
import { type Paint, wrapWords } from "./terminal.ts";

export interface Column {
  readonly align: "left" | "right";
  /** In characters of the terminal, of which a Chinese one takes two. A longer cell wraps if the terminal is narrow, and is never cut. */
  readonly width: number;
}

export interface TableOptions {
  /** The names of the columns. */
  readonly head?: readonly string[];
  /** Spaces before each line; default 0. */
  readonly indent?: number;
}

/** Between columns. */
const GAP = 2;
/** The least width to which a column of texts shrinks. */
const LEAST = 12;

/** The lines of a table: `rows` with columns as wide as their widest cell, or as `paint.width` allows. */
export function table(
  aligns: readonly Column["align"][],
  rows: readonly (readonly string[])[],
  paint: Paint,
  { head, indent = 0 }: TableOptions = {},
): string[] {
  const all = head ? [head, ...rows] : rows;
  const columns = aligns.map((align, i) => ({ align, width: Math.max(0, ...all.map((row) => stringWidth(row[i] ?? ""))) }));
  const margin = " ".repeat(indent);
  const room = paint.width - indent;
  const fitted = fitColumns(columns, room);
  const lines = fitted
    ? [...(head ? tableRow(fitted, head).map(paint.dim) : []), ...rows.flatMap((row) => tableRow(fitted, row))]
    : rows.flatMap((row) => paragraph(row, head, { ...paint, width: room }));
  return lines.map((line) => margin + line);
}

/** `columns` with those of texts narrowed, the widest first, to fit `width` together; undefined if they cannot. */
export function fitColumns(columns: readonly Column[], width: number): readonly Column[] | undefined {
  const widths = columns.map((column) => column.width);
  let excess = widths.reduce((sum, each) => sum + each, GAP * (widths.length - 1)) - width;
  while (excess > 0) {
    const widest = widths.reduce((best, each, i) => (columns[i]!.align === "left" && each > (widths[best] ?? LEAST) ? i : best), -1);
    if (widest === -1) return undefined;
    widths[widest]!--;
    excess--;
  }
  return columns.map(({ align }, i) => ({ align, width: widths[i]! }));
}

/** The lines of a row: cells padded to their columns, two spaces between, no trailing spaces. A text wider than its column wraps. */
export function tableRow(columns: readonly Column[], cells: readonly string[]): string[] {
  const parts = cells.map((cell, i) => {
    const { align, width } = columns[i]!;
    return align === "left" && stringWidth(cell) > width ? wrapAnsi(cell, width, { hard: true }).split("\n") : [cell];
  });
  return Array.from({ length: Math.max(...parts.map(({ length }) => length)) }, (_, line) =>
    parts
      .map((part, i) =>
        i === parts.length - 1 && columns[i]!.align === "left" ? (part[line] ?? "") : padded(part[line] ?? "", columns[i]!),
      )
      .join(" ".repeat(GAP))
      .trimEnd(),
  );
}

function padded(cell: string, { align, width }: Column): string {
  const padding = " ".repeat(Math.max(0, width - stringWidth(cell)));
  return align === "left" ? cell + padding : padding + cell;
}

/** A row in a terminal that is too narrow for its table: its first named cell as a title, the others after their columns' names. */
function paragraph(row: readonly string[], head: readonly string[] | undefined, paint: Paint): string[] {
  const title = row.findIndex((_, i) => head?.[i] !== "");
  const others = row.flatMap((cell, i) => (i === title || cell === "" ? [] : [head?.[i] ? `${paint.dim(head[i])} ${cell}` : cell]));
  return [...wrapWords(row[title] ?? "", paint.width), ...wrapWords(`  ${others.join("  ")}`, paint.width)];
}
