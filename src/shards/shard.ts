// A shard: the photographs that one of several processes works on. Which these are depends on their names alone, so that processes need not
// know of each other, and a photograph more moves no other.

import { crc32c } from "#crc32c";
import { expected, UsageError } from "../core/errors.ts";

export interface Shard {
  /** From 1 to `shards`. */
  readonly shard: number;
  readonly shards: number;
}

/** Each shard has a folder of parts. */
export const MOST_SHARDS = 1_000_000;

/** What schedulers tell their tasks. An index counts from the first of them, or from 0; Kubernetes does not say how many there are. */
const SCHEDULERS = [
  { index: "SLURM_ARRAY_TASK_ID", first: "SLURM_ARRAY_TASK_MIN", last: "SLURM_ARRAY_TASK_MAX", count: "SLURM_ARRAY_TASK_COUNT" },
  { index: "AWS_BATCH_JOB_ARRAY_INDEX", count: "AWS_BATCH_JOB_ARRAY_SIZE" },
  { index: "JOB_COMPLETION_INDEX", count: undefined },
] as const;

/**
 * The shard that `text` names: "2/3", or "auto" for what a Slurm array, an AWS Batch array or an Indexed Job of Kubernetes says in `env`;
 * "auto/100" where the number of shards is not in `env`. Throws a UsageError for anything else.
 */
export function parseShard(text: string, env: Readonly<Record<string, string | undefined>>): Shard {
  const [, auto, index, count] = /^(?:(auto)|(\d{1,7}))(?:\/(\d{1,7}))?$/.exec(text) ?? [];
  const found = auto === undefined ? { shard: index, shards: count } : fromScheduler(env, count);
  const [shard, shards] = [Number(found.shard), Number(found.shards)];
  if (Number.isInteger(shard) && Number.isInteger(shards) && shard >= 1 && shard <= shards && shards <= MOST_SHARDS)
    return { shard, shards };
  throw expected('a shard of all, such as 2/3, or "auto" under a scheduler', "--shard", text);
}

function fromScheduler(env: Readonly<Record<string, string | undefined>>, given: string | undefined): { shard: number; shards: number } {
  const scheduler = SCHEDULERS.find(({ index }) => env[index] !== undefined);
  if (!scheduler)
    throw new UsageError(
      `--shard auto finds none of ${SCHEDULERS.map(({ index }) => index).join(", ")} in the environment`,
      "Say which shard it is, such as --shard 2/3.",
    );
  const said = scheduler.count && env[scheduler.count];
  const first = "first" in scheduler ? Number(env[scheduler.first] ?? 0) : 0;
  const last = "last" in scheduler ? env[scheduler.last] : undefined;
  // A part of an array, such as the tasks that failed, does not say which shards these are.
  if (said !== undefined && ((given !== undefined && given !== said) || (last !== undefined && Number(last) - first + 1 !== Number(said))))
    throw new UsageError(
      `--shard ${given === undefined ? "auto" : `auto/${given}`} needs the whole array, and this one has ${said} of its tasks`,
      `Submit all of them again: shards that are done end at once. Or say which shard it is, such as --shard "$${scheduler.index}/${given ?? "<all>"}".`,
    );
  const count = given ?? said;
  if (count === undefined)
    throw new UsageError(`${scheduler.index} does not say how many shards there are`, "Give their number, such as --shard auto/100.");
  return { shard: Number(env[scheduler.index]) - first + 1, shards: Number(count) };
}

const encoder = new TextEncoder();

/** The CRC-32C of a photograph's name in UTF-8, which decides its shard. */
export const hashName = (name: string): number => crc32c(encoder.encode(name));

/** The shard, from 1, of the photograph whose name has the hash `hash`. */
export const shardOf = (hash: number, shards: number): number => (hash % shards) + 1;
