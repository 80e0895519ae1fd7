// A table of the epochs as a CSV file, written whole after each.

import type { StoredFile } from "../../core/store/store.ts";
import { storedFileOf } from "../../core/store/store-of.ts";
import type { Callback } from "../loop/callback.ts";
import type { EpochResult } from "../loop/loop.ts";

/** Writes a row per epoch to the CSV file `file`: epoch, losses, accuracy, further metrics and seconds. A new fit begins a new file. */
export function csvLogger(file: string | StoredFile): Callback {
  const { store, key } = storedFileOf(file);
  return { onEpochEnd: (_, { results }) => store.put(key, csvOf(results)) };
}

/** The rows of `results` under a header; NaN is left empty. */
export function csvOf(results: readonly EpochResult[]): string {
  const rows = results.map(({ epoch, trainLoss, validLoss, accuracy, metrics, seconds }) => ({
    epoch,
    trainLoss,
    validLoss,
    accuracy,
    ...metrics,
    seconds: Math.round(seconds * 1000) / 1000,
  }));
  const names = Object.keys(rows[0] ?? { epoch: 0 });
  const lines = rows.map((row: Readonly<Record<string, number>>) =>
    names.map((name) => (Number.isNaN(row[name] as number) ? "" : String(row[name]))).join(","),
  );
  return `${[names.map(quoted).join(","), ...lines].join("\n")}\n`;
}

/** Metrics of several columns carry the columns' names, which are the user's. */
function quoted(name: string): string {
  return /[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
