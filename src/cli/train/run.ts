// `thaw train`: runs the recipe and reports its events; results on standard output, progress and warnings on standard error.

import { UsageError } from "../../core/errors.ts";
import type { DeviceName } from "../../learner/device/resolve-device.ts";
import type { RecipeEvent } from "../../recipe/events.ts";
import type { TrainOptions } from "../../recipe/train.ts";
import { INTERRUPTED, interruptible } from "../shared/interrupt.ts";
import { nextCommand } from "../shared/next-command.ts";
import { type PartFlags, partNames, refusePartsOfTable } from "../shared/photographs/parts.ts";
import { printable } from "../shared/printable.ts";
import { progressFor } from "../shared/progress.ts";
import { paintFor, printLines, printRows } from "../shared/terminal.ts";
import { warningLines } from "../shared/warning.ts";
import { choicesOf } from "./choices.ts";
import { quietLines, stoppedLines, trainJson, trainLines } from "./lines.ts";
import { LossCurves } from "./loss-curve.ts";
import { trainInThread } from "./thread.ts";

/** The command's own flags; those of the choices (choices.ts) come with them. */
export interface TrainFlags extends TableFlags, PartFlags {
  out?: string;
  force?: boolean;
  resume?: boolean;
  recipe?: string;
  time?: number;
  checkpointSeconds?: number;
  cache?: string;
  device?: DeviceName;
  offline?: boolean;
  json?: boolean;
  /** Prints only the result. */
  quiet?: boolean;
  /** File of the trace; true for the default one. */
  profile?: string | true;
}

/** How the table of --csv is read. */
interface TableFlags {
  csv?: string;
  labelColumn?: readonly string[];
  suffix?: string;
  labelsSeparator?: string;
  separator?: string;
  /** True with --header, false with --no-header. */
  header?: boolean;
  continuous?: boolean;
  multiLabel?: boolean;
}

/** Trains a classifier on the photographs in `folder` and returns the exit code: 0, or 130 after Ctrl-C. Failures are thrown. */
export async function trainCommand(folder: string, flags: TrainFlags): Promise<number> {
  const { json = false, quiet = false, force = false, profile, out, resume, recipe, time, cache, offline } = flags;
  const { checkpointSeconds, device } = flags;
  refusePartsOfTable(flags.csv, flags);
  const parts = partNames(flags);
  const given = { ...tableOf(flags), ...(Object.keys(parts).length > 0 && { parts }) };
  const options = { ...choicesOf({ ...flags }), ...given, out, resume, recipe, time, checkpointSeconds, device, cache, offline };
  const progress = progressFor(process.stderr);
  const say = (lines: readonly string[]): void => {
    progress.clear();
    printLines(process.stderr, lines);
  };
  const { signal, release } = interruptible(() => say(["Stopping at the next safe point; press Ctrl-C again to quit at once."]));
  const paint = paintFor(process.stdout, process.env);
  const warn = paintFor(process.stderr, process.env);
  let previous: RecipeEvent | undefined;
  const curves = new LossCurves();
  const onEvent = (event: RecipeEvent): void => {
    if (event.event === "stopped") say(stoppedLines(event, resumeCommand()));
    if (json) {
      printRows(process.stdout, trainJson(event));
    } else if (event.event === "progress") {
      if (!signal.aborted && !quiet) progress.report(event);
    } else {
      progress.clear();
      if (event.event === "warning") printLines(process.stderr, warningLines(event, warn));
      else
        printLines(
          process.stdout,
          quiet ? quietLines(event) : trainLines(event, previous, paint, process.stdout.isTTY ? curves.curve : undefined),
        );
      previous = event;
    }
    curves.see(event);
  };
  const onProfile = (file: string): void => say([`The profile is in ${printable(file)}: open it in chrome://tracing or ui.perfetto.dev.`]);
  try {
    await trainInThread({ ...options, folder, force, signal, onEvent, profile, onProfile });
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    return INTERRUPTED;
  } finally {
    progress.clear();
    release();
  }
}

/** The command that was given, with --resume. */
function resumeCommand(): string {
  const words = process.argv.slice(2);
  return nextCommand(...words, ...(words.includes("--resume") ? [] : ["--resume"]));
}

/** The table that the flags describe; throws a UsageError if they describe one but name none. */
function tableOf(flags: TableFlags): Pick<TrainOptions, "csv" | "table"> {
  const { csv, labelColumn, suffix, labelsSeparator, separator, header, continuous, multiLabel } = flags;
  const table = {
    ...(labelColumn !== undefined && { labelColumns: labelColumn }),
    ...(suffix !== undefined && { suffix }),
    ...(labelsSeparator !== undefined && { catSeparator: labelsSeparator }),
    ...(separator !== undefined && { separator }),
    ...(header !== undefined && { skipHeader: header }),
    ...(continuous !== undefined && { continuous }),
    ...(multiLabel !== undefined && { multiLabel }),
  };
  if (csv === undefined && Object.keys(table).length > 0)
    throw new UsageError(
      "--label-column, --suffix, --labels-separator, --separator, --header, --no-header, --continuous and --multi-label say how a table is read",
      "Name the table with --csv.",
    );
  return csv === undefined ? {} : { csv, table };
}
