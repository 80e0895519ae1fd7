// How text looks in a terminal: colours, numbers, aligned columns. All pure; whether a stream takes colour is decided once, here.

import { stripVTControlCharacters } from "node:util";
import picocolors from "picocolors";

/** Colour functions; each returns its text unchanged if colours are off. */
export type Paint = ReturnType<typeof picocolors.createColors>;

/** Paint that writes no colours, for pipes, files and tests. */
export const plain: Paint = picocolors.createColors(false);

/**
 * The colours for a stream: on for terminals, off if NO_COLOR (https://no-color.org) or TERM=dumb says so; FORCE_COLOR turns them on
 * for anything that NO_COLOR does not turn off.
 */
export function paintFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const wanted = env.FORCE_COLOR ? env.FORCE_COLOR !== "0" : stream.isTTY === true && env.TERM !== "dumb";
  return picocolors.createColors(wanted && !env.NO_COLOR);
}

/** Writes `lines` to a stream, each with its line break; a terminal gets them wrapped between words. */
export function printLines(stream: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }, lines: readonly string[]): void {
  const { columns } = stream;
  const wrapped = stream.isTTY && columns !== undefined ? lines.flatMap((line) => wrapWords(line, columns)) : lines;
  if (wrapped.length > 0) stream.write(`${wrapped.join("\n")}\n`);
}

/** `line` in lines of at most `width` characters, colours not counted, broken at spaces; a word longer than that stays whole. */
export function wrapWords(line: string, width: number): string[] {
  const lines: string[] = [];
  let current: string | undefined;
  for (const word of line.split(" ")) {
    const longer: string = current === undefined ? word : `${current} ${word}`;
    if (current === undefined || stripVTControlCharacters(longer).length <= width) {
      current = longer;
    } else {
      lines.push(current);
      current = word;
    }
  }
  return [...lines, current ?? ""];
}

/** A duration in seconds as "01:05", from an hour on as "1:00:05". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutesAndSeconds = [Math.floor(whole / 60) % 60, whole % 60].map((part) => `${part}`.padStart(2, "0")).join(":");
  return hours > 0 ? `${hours}:${minutesAndSeconds}` : minutesAndSeconds;
}

/** A whole number with its thousands grouped: "23,000". */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** A share in [0, 1] as "98.3 %"; "–" for one that is not a number. */
export function percent(share: number): string {
  return Number.isNaN(share) ? "–" : `${(share * 100).toFixed(1)} %`;
}

/** A number of things with its noun: "1 class", "2 classes". */
export function quantity(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

/** A name from outside (a file, a class) made safe to print: escape sequences go, other control characters become "?". */
export function printable(name: string): string {
  return stripVTControlCharacters(name).replace(/\p{Cc}/gu, "?");
}

export interface Column {
  readonly align: "left" | "right";
  /** The least number of characters; a longer cell is never cut. */
  readonly width: number;
}

/** One line of a table: cells padded to their columns, two spaces between, no trailing spaces. */
export function tableRow(columns: readonly Column[], cells: readonly string[]): string {
  const padded = cells.map((cell, i) => {
    const { align, width } = columns[i] ?? { align: "left", width: 0 };
    return align === "left" ? cell.padEnd(width) : cell.padStart(width);
  });
  return padded.join("  ").trimEnd();
}

/** The lines of a table: `rows` with columns as wide as their widest cell. */
export function table(aligns: readonly Column["align"][], rows: readonly (readonly string[])[]): string[] {
  const columns = aligns.map((align, i) => ({ align, width: Math.max(0, ...rows.map((row) => (row[i] ?? "").length)) }));
  return rows.map((row) => tableRow(columns, row));
}
