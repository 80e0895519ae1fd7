// `thaw train`: runs the recipe and reports its events; results on standard output, progress and warnings on standard error.

import { UsageError } from "../../core/errors.ts";
import type { Precision } from "../../learner/precision.ts";
import type { RecipeEvent } from "../../recipe/events.ts";
import type { TrainOptions } from "../../recipe/train.ts";
import { INTERRUPTED, interruptible } from "../interrupt.ts";
import { startProfile } from "../profile.ts";
import { progressFor } from "../progress.ts";
import { paintFor, printable, printLines } from "../terminal.ts";
import { stoppedLines, trainJson, trainLines, warningLines } from "../train-lines.ts";

export interface TrainFlags extends TableFlags {
  arch?: string;
  weights?: string;
  offline?: boolean;
  seed: number;
  bs: number;
  size?: number;
  threads?: number;
  precision?: Precision;
  cache?: string;
  out?: string;
  force?: boolean;
  json?: boolean;
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
  /** False with --no-header. */
  header?: boolean;
  continuous?: boolean;
  multiLabel?: boolean;
}

/** Trains a classifier on the photographs in `folder` and returns the exit code: 0, or 130 after Ctrl-C. Failures are thrown. */
export async function trainCommand(folder: string, flags: TrainFlags): Promise<number> {
  const { json = false, force = false, profile: profileFile, ...others } = flags;
  const options = withTable(others);
  const { choosePlaces } = await import("../../recipe/places.ts");
  const { cache } = await choosePlaces(folder, { ...options, force });
  const progress = progressFor(process.stderr);
  const profile = await startProfile(profileFile);
  const { signal, release } = interruptible(() => {
    progress.clear();
    printLines(process.stderr, ["Stopping at the next safe point; press Ctrl-C again to quit at once."]);
  });
  const paint = paintFor(process.stdout, process.env);
  let previous: RecipeEvent | undefined;
  const onEvent = (event: RecipeEvent): void => {
    profile?.see(event);
    if (json) {
      printLines(process.stdout, trainJson(event));
    } else if (event.event === "progress") {
      if (!signal.aborted) progress.report(event);
    } else {
      progress.clear();
      if (event.event === "warning") printLines(process.stderr, warningLines(event, paintFor(process.stderr, process.env)));
      else printLines(process.stdout, trainLines(event, previous, paint));
      previous = event;
    }
  };
  try {
    const { train } = await import("../../recipe/train.ts");
    await train({ ...options, folder, force, cache, signal, onEvent });
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.clear();
    printLines(process.stderr, stoppedLines(cache));
    return INTERRUPTED;
  } finally {
    progress.clear();
    if (profile)
      printLines(process.stderr, [
        `The profile is in ${printable(await profile.write())}: open it in chrome://tracing or ui.perfetto.dev.`,
      ]);
    release();
  }
}

type Rest = Omit<TrainFlags, "json" | "force">;

/** The flags with those of the table gathered; throws a UsageError where there is no table for them. */
function withTable(flags: Rest): Omit<Rest, keyof TableFlags> & Pick<TrainOptions, "csv" | "table"> {
  const { csv, labelColumn, suffix, labelsSeparator, separator, header = true, continuous, multiLabel, ...rest } = flags;
  const table = {
    ...(labelColumn !== undefined && { labelColumns: labelColumn }),
    ...(suffix !== undefined && { suffix }),
    ...(labelsSeparator !== undefined && { catSeparator: labelsSeparator }),
    ...(separator !== undefined && { separator }),
    ...(!header && { skipHeader: false }),
    ...(continuous !== undefined && { continuous }),
    ...(multiLabel !== undefined && { multiLabel }),
  };
  if (csv === undefined && Object.keys(table).length > 0)
    throw new UsageError(
      "--label-column, --suffix, --labels-separator, --separator, --no-header, --continuous and --multi-label say how a table is read",
      "Name the table with --csv.",
    );
  return { ...rest, ...(csv !== undefined && { csv, table }) };
}
