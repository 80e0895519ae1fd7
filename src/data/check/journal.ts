// The findings of inspections, in an append-only file of lines: a check that was killed at any byte resumes from there, and a line cut in
// half is one image to look at again.

import * as v from "valibot";
import { files } from "#files";
import { parseJsonOrNothing } from "../../core/json.ts";
import { IMAGE_FORMATS } from "../decode/file-names.ts";
import type { Inspection } from "../load/inspect.ts";

/** What was found about a file that had this length in bytes and this time of change in ms. */
export interface Entry {
  readonly name: string;
  readonly length: number;
  readonly changed: number;
  readonly found: Inspection | { readonly error: string };
}

// Raised when what an inspection finds changes, which makes older lines void.
const VERSION = 2;
const LINES_AT_ONCE = 64;
/** A line holds a name, a few numbers, and a thumbnail or a message. */
const LINE_LIMITS = { bytes: 100_000, values: 100 };
const utf8 = new TextEncoder();
const errorSchema = v.object({ error: v.string() });
const inspectionSchema = v.object({
  hash: v.pipe(v.string(), v.length(64)),
  width: v.pipe(v.number(), v.minValue(1)),
  height: v.pipe(v.number(), v.minValue(1)),
  format: v.picklist(IMAGE_FORMATS),
  thumbnail: v.pipe(v.string(), v.length(344)),
});
const entrySchema = v.object({
  version: v.literal(VERSION),
  name: v.string(),
  length: v.number(),
  changed: v.number(),
  found: v.union([inspectionSchema, errorSchema]),
});

/** A file of entries. */
export interface Journal {
  /** The last entry of each name. */
  readonly known: ReadonlyMap<string, Entry>;
  /** Adds an entry; it reaches the disk with the next some, or when the journal is closed. */
  add(entry: Entry): Promise<void>;
  close(): Promise<void>;
}

/** Opens the journal `name` in `folder`, which are made. Lines that cannot be read are passed by. Throws a UsageError if it cannot be written. */
export async function openJournal(folder: string, name: string): Promise<Journal> {
  const log = await files.openLog(folder, name);
  const { text } = log;
  // After half a line the next one would be unreadable too.
  let waiting: string[] = text === "" || text.endsWith("\n") ? [] : [""];
  const flush = async (): Promise<void> => {
    const lines = waiting;
    waiting = [];
    if (lines.length > 0) await log.append(`${lines.join("\n")}\n`);
  };
  return {
    known: new Map(text.split("\n").flatMap(parseLine)),
    async add(entry) {
      waiting.push(JSON.stringify({ version: VERSION, ...entry }));
      if (waiting.length >= LINES_AT_ONCE) await flush();
    },
    async close() {
      try {
        await flush();
      } finally {
        await log.close();
      }
    },
  };
}

function parseLine(line: string): [string, Entry][] {
  const parsed = v.safeParse(entrySchema, parseJsonOrNothing(utf8.encode(line), LINE_LIMITS));
  if (!parsed.success) return [];
  const { version: _, ...entry } = parsed.output;
  return [[entry.name, entry]];
}
