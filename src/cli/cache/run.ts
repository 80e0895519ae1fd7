// `thaw cache`: lists cached activations and the space they take, or deletes them.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { cacheFor } from "../../core/cache-folder.node.ts";
import { expected, UsageError } from "../../core/errors.ts";
import { byText } from "../../data/dataset/items.ts";
import { type CacheEntry, listActivations, removeActivations } from "../../learner/frozen/cache/list.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { paintFor, printLines, printRows } from "../shared/terminal.ts";
import { cacheLines, idOf, jsonOf, sumOf } from "./lines.ts";

export interface CacheFlags {
  cache?: string;
  entry?: readonly string[];
  /** In hours. */
  olderThan?: number;
  clear?: boolean;
  json?: boolean;
}

/**
 * Lists or deletes the cache of the photographs in `folder`, by default all caches in .thaw here; returns 0, or 1 if something was not
 * deleted.
 */
export async function cacheCommand(folder: string | undefined, flags: CacheFlags): Promise<number> {
  const { cache, entry = [], olderThan = 0, clear = false, json = false } = flags;
  const now = Date.now();
  const folders = await cacheFolders(folder, cache);
  const all = (await Promise.all(folders.map(listActivations))).flat();
  const chosen = pick(all, entry).filter(({ used }) => now - used >= olderThan * 3_600_000);
  const left: CacheEntry[] = [];
  if (clear) for (const one of chosen) if (!(await removeActivations(one))) left.push(one);
  if (json) printRows(process.stdout, [jsonLine(summaryOf(chosen, clear))]);
  else if (chosen.length === 0 && all.length > 0) printLines(process.stdout, [`No entry matches (${all.length} in the cache).`]);
  else printLines(process.stdout, lines(chosen, left, folders, { clear, now }));
  return left.length > 0 ? 1 : 0;
}

/** A parser of ages: "12h", "30d", "2w"; in hours. */
export function age(text: string): number {
  const [, number, unit] = /^(\d{1,6})(h|d|w)$/.exec(text) ?? [];
  if (unit === undefined) throw expected("a number of hours, days or weeks, such as 12h, 30d or 2w", "--older-than", text);
  return Number(number) * ({ h: 1, d: 24, w: 168 }[unit] as number);
}

async function cacheFolders(folder: string | undefined, cache: string | undefined): Promise<string[]> {
  if (cache !== undefined) return [cache];
  if (folder !== undefined) return [cacheFor(folder)];
  const kept = await readdir(".thaw", { withFileTypes: true }).catch(() => []);
  return kept
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(process.cwd(), ".thaw", name))
    .sort(byText);
}

/** The entries whose keys begin with one of `ids`, or all if none is given. Throws a UsageError for an id that matches none, or several. */
function pick(entries: readonly CacheEntry[], ids: readonly string[]): readonly CacheEntry[] {
  if (ids.length === 0) return entries;
  const chosen = ids.map((id) => {
    const found = entries.filter(({ key }) => id !== "" && key.startsWith(id));
    if (found.length !== 1) {
      const known = entries.map(idOf).join(", ") || "none";
      throw new UsageError(`"${id}" is ${found.length === 0 ? "no entry" : `${found.length} entries`} of the cache`, `Entries: ${known}.`);
    }
    return found[0] as CacheEntry;
  });
  return [...new Set(chosen)];
}

function lines(
  entries: readonly CacheEntry[],
  left: readonly CacheEntry[],
  folders: readonly string[],
  { clear, now }: { clear: boolean; now: number },
): string[] {
  const paint = paintFor(process.stdout, process.env);
  const where = folders.length === 0 ? ".thaw" : folders.map(printable).join(", ");
  if (entries.length === 0) return [`No activations in ${where}`];
  if (!clear) return cacheLines(entries, now, paint);
  const others = left.map(({ path }) => paint.red(`${printable(path)} holds something that is not thaw's, which stays`));
  return [`Deleted ${sumOf(entries)}, from ${where}`, ...others];
}

function summaryOf(entries: readonly CacheEntry[], cleared: boolean): object {
  return { entries: entries.map(jsonOf), bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0), cleared };
}
