// Progress on standard error: a moving bar on a terminal, occasional lines in a file or a pipe.

import { SingleBar } from "cli-progress";
import stringWidth from "fast-string-width";
import { wrapAnsi } from "fast-wrap-ansi";
import type { Progress } from "../../core/progress.ts";
import { printable } from "./printable.ts";
import { clock, count, printLines } from "./terminal.ts";

/** Shows progress. `clear` removes an unfinished bar from the screen, so that other lines can be printed. */
export interface ProgressDisplay {
  report(progress: Progress): void;
  clear(): void;
}

/** How fast a task goes: `done` items since it began `seconds` ago; what had been done before it began does not count. */
export interface Pace {
  readonly seconds: number;
  readonly done: number;
}

/** Progress in words: "4,600 of 23,000 images, 120 images/s, 02:33 left". Speed and time wait for the first half second. */
export function progressText(progress: Progress, pace: Pace): string {
  const { amount, speed, left } = progressParts(progress, pace);
  return [amount, speed, left].filter((part) => part !== undefined).join(", ");
}

function progressParts({ done, total, unit }: Progress, pace: Pace): { amount: string; speed?: string; left?: string } {
  const amount = `${count(done)} of ${count(total)} ${printable(unit)}`;
  if (pace.seconds < 0.5 || pace.done <= 0) return { amount };
  const speed = pace.done / pace.seconds;
  const shown = speed >= 10 ? count(Math.round(speed)) : speed.toFixed(1);
  return { amount, speed: `${shown} ${printable(unit)}/s`, ...(done < total && { left: `${clock((total - done) / speed)} left` }) };
}

/** Characters of a bar, at most and at least. */
const [LONGEST_BAR, SHORTEST_BAR] = [30, 8];

/**
 * The text of a progress bar in a terminal of `width` columns. The bar shrinks to fit the words; if there is no room, the words are fewer:
 * first without the speed, then without the amount, the time left, the bar.
 */
export function barText(progress: Progress, pace: Pace, width: number): string {
  const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : 1;
  const task = printable(progress.task);
  const percents = `${`${Math.floor(share * 100)}`.padStart(3)} %`;
  const { amount, speed, left } = progressParts(progress, pace);
  const forms = [[amount, speed, left], [amount, left], [left], []].map((parts) => parts.filter((part) => part !== undefined).join(", "));
  for (const words of forms) {
    const text = words === "" ? percents : `${percents}  ${words}`;
    // One column stays free: some terminals wrap when the last one is written.
    const room = Math.min(LONGEST_BAR, width - 1 - stringWidth(task) - stringWidth(text) - 3);
    if (room < SHORTEST_BAR) continue;
    const filled = Math.round(share * room);
    return `${task}  ${"█".repeat(filled)}${"░".repeat(room - filled)} ${text}`;
  }
  const [beginning = ""] = wrapAnsi(task, Math.max(1, width - 3 - percents.length), { hard: true }).split("\n");
  return `${beginning}${beginning === task ? "" : "…"} ${percents}`;
}

/** The display that suits a stream: a bar on a terminal, lines anywhere else. */
export function progressFor(stream: NodeJS.WriteStream): ProgressDisplay {
  return stream.isTTY ? progressBar(stream) : progressLines((line) => printLines(stream, [line]), now);
}

/** A bar on a terminal that disappears when its task is done. */
export function progressBar(stream: NodeJS.WriteStream): ProgressDisplay {
  const pacer = newPacer();
  let shown: { progress: Progress; pace: Pace } | undefined;
  const bar = new SingleBar({
    stream,
    clearOnComplete: true,
    hideCursor: true,
    format: (_options, { maxWidth }: { maxWidth?: number }) =>
      shown ? barText(shown.progress, shown.pace, maxWidth ?? stream.columns) : "",
  });
  const clear = (): void => {
    bar.stop();
    shown = undefined;
  };
  // A process that ends in the middle of a task must restore the cursor.
  process.once("exit", clear);
  return {
    report(progress) {
      const before = shown;
      shown = { progress, pace: pacer(progress, now()) };
      if (progress.done >= progress.total) clear();
      else if (before) bar.update(progress.done);
      else bar.start(progress.total, progress.done);
    },
    clear,
  };
}

/** Lines for a file or a pipe: one for each tenth of a task, at least five seconds apart. `seconds` is the current time. */
export function progressLines(write: (line: string) => void, seconds: () => number): ProgressDisplay {
  const pacer = newPacer();
  let last = { tenth: 0, at: 0 };
  return {
    report(progress) {
      const at = seconds();
      const pace = pacer(progress, at);
      const share = progress.total > 0 ? progress.done / progress.total : 1;
      const tenth = Math.floor(share * 10);
      if (pace.seconds === 0) last = { tenth, at };
      if (tenth <= last.tenth || at - last.at < SECONDS_BETWEEN_LINES) return;
      last = { tenth, at };
      write(`${printable(progress.task)}: ${Math.floor(share * 100)} %, ${progressText(progress, pace)}`);
    },
    clear() {},
  };
}

const SECONDS_BETWEEN_LINES = 5;
const now = (): number => performance.now() / 1000;

/** Measures each task from its first report, when its pace is zero; a new task begins when the name changes or the count falls. */
function newPacer(): (progress: Progress, seconds: number) => Pace {
  let began: { task: string; at: number; done: number } | undefined;
  let latest = 0;
  return ({ task, done }, seconds) => {
    if (began?.task !== task || done < latest) began = { task, at: seconds, done };
    latest = done;
    return { seconds: seconds - began.at, done: done - began.done };
  };
}
