// The lines of a journal of labels: what was done, to photographs by their names. All that is known of labels is made from these lines alone.

import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import { UNPRINTABLE } from "../../core/unprintable.ts";

const VERSION = 1;
/** A line about a million photographs is about this long. */
const LIMITS = { bytes: 128_000_000, values: 5_000_000 };
const MOST_PATH = 4096;

const Id = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/));
/** A path below the folder: no step leads out of it. */
const Name = v.pipe(
  v.string(),
  v.maxLength(MOST_PATH),
  v.regex(/^(?!\.{1,2}(?:\/|$))[^/\0]+(?:\/(?!\.{1,2}(?:\/|$))[^/\0]+)*$/, "Expected a path in the folder"),
);
const Names = v.array(Name);
/** Looser than what a user may make (class-name.ts): there may be a folder of any name. */
const Class = v.pipe(v.string(), v.regex(/^(?!\.)[^/\p{Cc}]{1,255}$/u, "Expected the name of a class"));

/** What a line may say. */
const SaidSchema = v.variant("act", [
  /** Gives classes, or takes labels away: several at once are one act, such as accepting a row of guesses. */
  v.object({
    act: v.picklist(["label", "accept", "import"]),
    labels: v.array(v.object({ class: v.nullable(Class), names: Names })),
  }),
  v.object({ act: v.literal("skip"), names: Names, skipped: v.boolean() }),
  v.object({ act: v.literal("delete"), names: Names, deleted: v.boolean() }),
  v.object({ act: v.literal("addClass"), class: Class }),
  v.object({ act: v.literal("renameClass"), class: v.string(), to: Class }),
  v.object({ act: v.literal("mergeClasses"), classes: v.array(v.string()), into: Class }),
  v.object({ act: v.literal("removeClass"), class: v.string() }),
  /** Files were moved. Their labels go with them. */
  v.object({ act: v.literal("moved"), files: v.array(v.object({ from: Name, to: Name })) }),
  v.object({ act: v.picklist(["undo", "redo"]), of: Id }),
]);
const LineSchema = v.object({
  v: v.literal(VERSION),
  id: Id,
  at: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  does: SaidSchema,
});

/** What a line says. */
export type Said = v.InferOutput<typeof SaidSchema>;

/** A line, with a name that no other has, and the time in milliseconds since 1970. */
export interface JournalRecord {
  readonly id: string;
  readonly at: number;
  readonly does: Said;
}

/** The line of a record. */
export function lineOf({ id, at, does }: JournalRecord): string {
  return JSON.stringify({ v: VERSION, id, at, does });
}

/** The record of a line. Throws a UsageError that says what is wrong with it. */
export function recordOf(line: Uint8Array): JournalRecord {
  const json = parseJson(line, LIMITS, (reason) => new UsageError(`it ${reason}`));
  const parsed = v.safeParse(LineSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new UsageError(`${v.getDotPath(issue) ?? "the line"}: ${issue.message.slice(0, 200).replaceAll(UNPRINTABLE, "?")}`);
  }
  const { id, at, does } = parsed.output;
  return { id, at, does };
}
