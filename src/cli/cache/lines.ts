// What `thaw cache` prints. Pure.

import { byteSize } from "../../core/byte-size.ts";
import type { CacheEntry } from "../../learner/frozen/cache/list.ts";
import { printable } from "../shared/printable.ts";
import { table } from "../shared/table.ts";
import { count, type Paint, quantity } from "../shared/terminal.ts";

const HOUR = 3_600_000;
const PARTS: Readonly<Record<string, string>> = { train: "training", valid: "validation", test: "test" };

/** The first digits of an entry's key, which identify it. */
export function idOf({ key }: Pick<CacheEntry, "key">): string {
  return key.slice(0, 8);
}

/** The table of `entries` with its sum; `now` in milliseconds since 1970. */
export function cacheLines(entries: readonly CacheEntry[], now: number, paint: Paint): string[] {
  const rows = entries.map((entry) => [idOf(entry), ...whatCells(entry), byteSize(entry.bytes), ago(now - entry.used)].map(printable));
  const head = ["entry", "data", "images", "network", "cut", "size", "done", "takes", "last used"];
  const lines = table(["left", "left", "left", "left", "left", "right", "right", "right", "right"], rows, paint, { head });
  return [...lines, "", `${sumOf(entries)}. --clear deletes what is listed; a run that needs it computes it again.`];
}

/** "3 entries, 31 MB". */
export function sumOf(entries: readonly CacheEntry[]): string {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  return `${quantity(entries.length, "entry", "entries")}, ${byteSize(bytes)}`;
}

/** An entry for programs. */
export function jsonOf({ key, path, metadata, images, done, bytes, used }: CacheEntry): Readonly<Record<string, unknown>> {
  return { id: idOf({ key }), path, ...metadata, images, done, bytes, used: new Date(used).toISOString() };
}

function whatCells({ metadata, images, done }: CacheEntry): string[] {
  if (!metadata) return ["–", "unfinished", "–", "–", "–", "–"];
  const { data, part, network, group, precision, transform, draw } = metadata;
  const view = draw ? `, view ${draw.epoch + 1}` : "";
  const bits = precision === "int8" ? ", 8 bit" : "";
  const share = done === images ? count(images) : `${count(done)} of ${count(images)}`;
  const name = data.split(/[\\/]/).at(-1) || data;
  return [name, `${PARTS[part] ?? part}${view}`, `${network}${bits}`, `before group ${group}`, `${transform.size}`, share];
}

function ago(milliseconds: number): string {
  const hours = milliseconds / HOUR;
  if (hours < 1) return "within the hour";
  return hours < 48 ? `${quantity(Math.floor(hours), "hour")} ago` : `${quantity(Math.floor(hours / 24), "day")} ago`;
}
