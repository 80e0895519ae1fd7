// `thaw predict --out`: the predictions of a shard, in parts that are written once.

import type { Classifier } from "../../classifier/classifier.ts";
import type { Regressor } from "../../classifier/regressor.ts";
import type { Warning } from "../../core/progress.ts";
import { storeOf } from "../../core/store/store-of.ts";
import { isFromSystem } from "../../core/system-error.ts";
import type { ShardManifest } from "../../shards/manifest.ts";
import type { Shard } from "../../shards/shard.ts";
import { printError } from "../shared/error.ts";
import { INTERRUPTED, interruptible, TRY_AGAIN } from "../shared/interrupt.ts";
import { nextCommand } from "../shared/next-command.ts";
import type { ListFlags } from "../shared/photographs/lists.ts";
import { namesIn } from "../shared/photographs/names.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { progressFor } from "../shared/progress.ts";
import { printLines, printRows, quantity } from "../shared/terminal.ts";
import type { Predicted } from "./lines.ts";
import { predictions } from "./shard-work.ts";

export interface ShardRun {
  readonly model: Classifier | Regressor;
  readonly predicted: Predicted;
  /** Files, folders, and "-" for names on standard input. */
  readonly paths: readonly string[];
  readonly lists: ListFlags;
  readonly shard: Shard;
  /** The folder of the parts. */
  readonly out: string;
  readonly json: boolean;
  readonly warn: (warning: Warning) => void;
}

/** Predicts a shard, or the rest of it; returns the exit code. */
export async function predictShard({ model, predicted, paths, lists, shard, out, json, warn }: ShardRun): Promise<number> {
  const { writeShard } = await import("../../shards/write-shard.ts");
  const progress = progressFor(process.stderr);
  const { signal, release } = interruptible(() => {
    progress.clear();
    printLines(process.stderr, ["Stopping; the parts that are finished are kept. Press Ctrl-C again to quit at once."]);
  });
  try {
    const done = await writeShard(
      {
        store: storeOf(out),
        shard,
        names: namesIn(paths, lists, { signal, onWarning: warn }),
        ...predictions(model, predicted),
      },
      { signal, onProgress: (event) => progress.report(event) },
    );
    progress.clear();
    if (json) printRows(process.stdout, [jsonLine({ event: "done", out, ...summaryOf(done) })]);
    else printLines(process.stdout, doneLines(done, out));
    return 0;
  } catch (error) {
    progress.clear();
    if (signal.aborted) return INTERRUPTED;
    if (!isFromSystem(error)) throw error;
    printError(error);
    return TRY_AGAIN;
  } finally {
    release();
  }
}

function summaryOf({ shard, shards, parts, rows, failed }: ShardManifest) {
  return { shard, shards, parts, photographs: rows, unreadable: failed };
}

function doneLines(done: ShardManifest, out: string): string[] {
  const { shard, shards, parts, photographs, unreadable } = summaryOf(done);
  return [
    `Shard ${shard} of ${shards}: ${quantity(photographs, "photograph")} in ${quantity(parts, "part")}, ${unreadable} unreadable, in ${printable(out)}.`,
    "When all shards are done, join them:",
    "",
    `  ${nextCommand("join", out)} --csv all.csv`,
  ];
}
