// A shard as a job of a queue: everything that a worker on another machine needs to know, and how it tells that it can do it. A job comes from a
// server that others write to, so it is checked when it is taken.

import * as v from "valibot";
import { UsageError } from "../core/errors.ts";
import { hashJson } from "../core/hash.ts";
import { MOST_SHARDS } from "../shards/shard.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096), v.regex(/^[^\0]*$/));

/** The most characters of a work's paths: they are stored with each of its shards. */
const LONGEST_PATHS = 10_000;

const workFields = {
  /** The folder in which the work was given, from which its other paths start. */
  folder: path,
  /** The folder of the model. */
  model: path,
  /** SHA-256 of what decides the rows: the model's description, and how they are written. */
  work: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** The photographs: files, folders and addresses; and those that the column of lists names. */
  paths: v.pipe(
    v.array(path),
    v.check((paths) => paths.join("").length <= LONGEST_PATHS, `at most ${LONGEST_PATHS} characters`),
  ),
  list: v.exactOptional(v.pipe(v.array(path), v.minLength(1), v.maxLength(100))),
  column: v.exactOptional(v.string()),
  /** The folder of the parts. */
  out: path,
  /** Of a list of classes: how many. */
  top: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  shards: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_SHARDS)),
  /** The photographs as the command saw them, and a sum over their names: a machine that sees others must not do the work. */
  all: v.strictObject({ photographs: count, names: count }),
};
const workSchema = v.strictObject(workFields);
const jobSchema = v.strictObject({
  format: v.literal("thaw shard of predictions"),
  version: v.literal(1),
  ...workFields,
  shard: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_SHARDS)),
});

/** Photographs to predict, divided into shards. */
export type Work = v.InferOutput<typeof workSchema>;
/** A shard of a work. */
export type Job = v.InferOutput<typeof jobSchema>;

/** The job of a shard of `work`. Throws a UsageError if the work is too large to be handed out. */
export function jobOf(work: Work, shard: number): Job {
  const job: Job = { format: "thaw shard of predictions", version: 1, ...work, shard };
  const { success } = v.safeParse(jobSchema, job);
  if (success) return job;
  throw new UsageError(
    `The names of the photographs have more than ${LONGEST_PATHS} characters, which are stored with each shard`,
    "Name the folders that the photographs are in.",
  );
}

/** Checks what a queue calls a job. Throws a UsageError that says what is wrong with it. */
export function readJob(data: unknown): Job {
  const read = v.safeParse(jobSchema, data);
  if (read.success && read.output.shard <= read.output.shards) return read.output;
  if (isNewer(data)) throw new UsageError("The queue has shards that a newer version of thaw put there", "Update thaw here.");
  const [issue] = read.issues ?? [];
  throw new UsageError(
    `The queue has a job that is no shard of thaw's: ${issue ? `${v.getDotPath(issue) ?? ""} ${issue.message}`.trim() : "its number is too large"}`,
  );
}

/** Whether `data` says that it is a job of a version that does not exist yet. */
export const isNewer = (data: unknown): boolean => v.is(v.object({ version: v.pipe(v.number(), v.minValue(2)) }), data);

/** What identifies a work: the same command makes the same. Sixteen digits. */
export const workId = ({ folder, work, paths, list, column, out, shards, all }: Work): string =>
  hashJson({ folder, work, paths, list, column, out, shards, all }).slice(0, 16);

/** The job's own identity, as a UUID (of RFC 9562's version 8, which leaves its digits to us). */
export function jobId(job: Job): string {
  const hash = hashJson([workId(job), job.shard]);
  return [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `a${hash.slice(17, 20)}`, hash.slice(20, 32)].join("-");
}
