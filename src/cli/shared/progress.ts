// Progress on standard error: a moving bar on a terminal, occasional lines in a file or a pipe.

import { SingleBar } from "cli-progress";
import type { Progress } from "../../core/progress.ts";
import { clock, count, printable, printLines } from "./terminal.ts";

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
  const amount = `${count(progress.done)} of ${count(progress.total)} ${progress.unit}`;
  if (pace.seconds < 0.5 || pace.done <= 0) return amount;
  const speed = pace.done / pace.seconds;
  const shown = speed >= 10 ? count(Math.round(speed)) : speed.toFixed(1);
  const left = progress.done < progress.total ? `, ${clock((progress.total - progress.done) / speed)} left` : "";
  return `${amount}, ${shown} ${progress.unit}/s${left}`;
}

/** The text of a progress bar in a terminal of `width` columns: the bar shrinks to fit the words, and is left out if there is no room. */
export function barText(progress: Progress, pace: Pace, width: number): string {
  const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : 1;
  const task = printable(progress.task);
  const words = `${`${Math.floor(share * 100)}`.padStart(3)} %  ${progressText(progress, pace)}`;
  const room = Math.min(30, width - task.length - words.length - 5);
  if (room < 5) return `${task} ${words}`.slice(0, Math.max(0, width - 1));
  const filled = Math.round(share * room);
  return `${task}  ${"█".repeat(filled)}${"░".repeat(room - filled)} ${words}`;
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
