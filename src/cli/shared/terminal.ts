// How text looks in a terminal: colours, wrapped lines, numbers in words. Whether a stream takes colour, and how wide it is, is decided once,
// here; and everything that the command prints passes here.

import { wrapAnsi } from "fast-wrap-ansi";
import picocolors from "picocolors";
import { printable } from "./printable.ts";

/** Colour functions, each of which returns its text unchanged if colours are off; and the width that lines should fit. */
export type Paint = ReturnType<typeof picocolors.createColors> & {
  /** In characters; infinite for pipes and files, whose lines are not wrapped. */
  readonly width: number;
};

/** Paint that writes no colours, for pipes, files and tests. */
export const plain: Paint = { ...picocolors.createColors(false), width: Number.POSITIVE_INFINITY };

/** A terminal's width if it does not say. */
const USUAL_WIDTH = 80;

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * The colours and the width of a stream. Colours are on for terminals, off if NO_COLOR (https://no-color.org) or TERM=dumb says so;
 * FORCE_COLOR turns them on for anything that NO_COLOR does not turn off.
 */
export function paintFor(stream: Output, env: NodeJS.ProcessEnv): Paint {
  const wanted = env.FORCE_COLOR ? env.FORCE_COLOR !== "0" : stream.isTTY === true && env.TERM !== "dumb";
  const width = stream.isTTY ? stream.columns || USUAL_WIDTH : Number.POSITIVE_INFINITY;
  return { ...picocolors.createColors(wanted && !env.NO_COLOR), width };
}

/** Writes `lines` for people to a stream, each with its line break; a terminal gets them wrapped between words, and colours only. */
export function printLines(stream: NodeJS.WritableStream & Output, lines: readonly string[]): void {
  const { width, isColorSupported } = paintFor(stream, process.env);
  const shown = lines.flatMap((line) => wrapWords(harmless(line, isColorSupported), width));
  if (shown.length > 0) stream.write(`${shown.join("\n")}\n`);
}

/** Writes `rows` for programs, JSON (`jsonLine`) or CSV, to a stream: never wrapped. */
export function printRows(stream: NodeJS.WritableStream, rows: readonly string[]): void {
  if (rows.length > 0) stream.write(`${rows.join("\n")}\n`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours are looked for.
const COLOUR_OR_TAB = /(\u001b\[[\d;]*m|\t)/;

/** `line` without anything that steers a terminal, except tabs and, if `coloured`, colours. */
function harmless(line: string, coloured: boolean): string {
  if (!coloured) return line.split("\t").map(printable).join("\t");
  return line
    .split(COLOUR_OR_TAB)
    .map((part, i) => (i % 2 === 1 ? part : printable(part)))
    .join("");
}

/** Lines to copy into a shell; wrapped by the terminal, they are still copied as one. */
const COMMAND = /^ {2,}(?:(?:npx |pnpm exec )?thaw|curl) /;

/** `line` in lines of at most `width` columns, broken at spaces and indented like the first. Longer words and commands stay whole. */
export function wrapWords(line: string, width: number): string[] {
  if (width === Number.POSITIVE_INFINITY || COMMAND.test(line)) return [line];
  const indent = /^ */.exec(line)![0];
  return wrapAnsi(line.slice(indent.length), Math.max(1, width - indent.length))
    .split("\n")
    .map((part) => indent + part);
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
