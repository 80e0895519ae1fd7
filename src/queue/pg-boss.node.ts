// The queue in a PostgreSQL database, for workers on any number of machines: pg-boss hands out the jobs and takes back those whose worker is not
// heard of. What is counted over all jobs is read from its table with one query, for a work may have a million of them.

import { type Db, PgBoss } from "pg-boss";
import * as v from "valibot";
import { UsageError } from "../core/errors.ts";
import { type Job, jobId, jobOf, readJob, type Work, workId } from "./job.ts";
import {
  DISAPPEARED,
  type Failure,
  type Finished,
  MOST_FAILURES,
  MOST_TAKEN,
  RATE_SECONDS,
  type ShardQueue,
  setsAside,
  type Taken,
  type WorkState,
} from "./queue.ts";

/** The schema of the tables, and the name of the queue in them. */
const [SCHEMA, QUEUE] = ["thaw", "shards"];
/** Seconds: a lease, between two looks for leases that ended, the longest that a shard may take, and how long finished ones are remembered. */
export const [LEASE, LOOKS, LONGEST, KEPT] = [30, 10, 86_400, 30 * 86_400];
/** Jobs that are inserted at once. */
const TOGETHER = 1000;

const failureSchema = v.object({ message: v.string(), hint: v.exactOptional(v.string()), worker: v.string() });
/** What a failed attempt leaves for the next; one whose worker disappeared leaves nothing that this is. */
const outputSchema = v.object({ errors: v.number(), failure: failureSchema });
type Output = v.InferOutput<typeof outputSchema>;

const outputOf = (output: unknown): Output | undefined => {
  const read = v.safeParse(outputSchema, output);
  return read.success ? read.output : undefined;
};

export interface QueueServer {
  /** The address in messages. */
  readonly name: string;
  /** A connection string, or a database in this process. */
  readonly database: string | Db;
  /** Seconds of a lease, at least 10; default 30. */
  readonly lease?: number;
  /** Whether to make the queue where there is none; otherwise that is a UsageError. */
  readonly create: boolean;
  /** The newest layout of the tables that this program may use; by default any. */
  readonly newest?: number;
}

/** Opens the queue in a database. Throws a UsageError, or the connection's own error, if that cannot be. */
export async function openPgBoss({
  name,
  database,
  lease = LEASE,
  create,
  newest = Number.POSITIVE_INFINITY,
}: QueueServer): Promise<ShardQueue> {
  const boss = await started(database, create).catch((error: Error) => {
    if (/not installed/.test(error.message))
      throw new UsageError(
        `There is no queue in ${name}`,
        "Put work into it: thaw predict <model> <photographs> --out <parts> --queue <address>.",
      );
    // The queue's tables are older or newer than pg-boss here: older ones are brought up to date.
    if (/requires migrations/.test(error.message)) return started(database, true);
    throw error;
  });
  try {
    if (((await boss.schemaVersion()) ?? 0) > newest)
      throw new UsageError(`A newer version of thaw uses the queue in ${name}`, "Update thaw here.");
    const times = { heartbeatSeconds: lease, expireInSeconds: LONGEST, retentionSeconds: KEPT, deleteAfterSeconds: KEPT };
    await boss.createQueue(QUEUE, { ...times, retryLimit: MOST_TAKEN - 1 });
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => {});
    throw error;
  }
  return new PgBossQueue(name, lease, boss);
}

async function started(database: string | Db, migrate: boolean): Promise<PgBoss> {
  const boss = new PgBoss({
    ...(typeof database === "string" ? { connectionString: database, max: 3 } : { db: database, backend: "pglite" }),
    schema: SCHEMA,
    migrate,
    schedule: false,
    registerInstance: false,
    reindex: false,
    monitorVacuum: false,
    superviseIntervalSeconds: LOOKS,
    monitorIntervalSeconds: LOOKS,
  });
  // The server's restarts are errors of its background work too; the calls of the queue meet them themselves.
  boss.on("error", () => {});
  try {
    return await boss.start();
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => {});
    throw error;
  }
}

class PgBossQueue implements ShardQueue {
  readonly name: string;
  readonly lease: number;
  private readonly boss: PgBoss;

  constructor(name: string, lease: number, boss: PgBoss) {
    this.name = name;
    this.lease = lease;
    this.boss = boss;
  }

  async put(work: Work): Promise<number> {
    let added = 0;
    for (let first = 1; first <= work.shards; first += TOGETHER) {
      const jobs = Array.from({ length: Math.min(TOGETHER, work.shards - first + 1) }, (_, i) => jobOf(work, first + i));
      const rows = jobs.map((data) => ({ id: jobId(data), data, group: { id: workId(work) } }));
      added += (await this.boss.insert(QUEUE, rows, { returnId: true }))?.length ?? 0;
    }
    return added;
  }

  async take(): Promise<Taken | undefined> {
    const [job] = await this.boss.fetch<unknown>(QUEUE, { includeMetadata: true });
    return job && { id: job.id, data: job.data, taken: job.retryCount, errors: outputOf(job.output)?.errors ?? 0 };
  }

  async renew(taken: Taken): Promise<boolean> {
    const { affected } = (await this.boss.touch(QUEUE, attempt(taken))) as { affected: number };
    return affected > 0;
  }

  async finish(taken: Taken, result: Finished): Promise<void> {
    await this.boss.complete(QUEUE, attempt(taken), result);
  }

  async fail(taken: Taken, failure: Failure, final: boolean): Promise<void> {
    const output: Output = { errors: taken.errors + 1, failure };
    if (setsAside(taken, final)) await this.sql(SET_ASIDE, [QUEUE, taken.id, taken.taken, JSON.stringify(output)]);
    else await this.boss.fail(QUEUE, attempt(taken), output);
  }

  async giveBack(taken: Taken): Promise<void> {
    await this.sql(GIVE_BACK, [QUEUE, taken.id, taken.taken]);
  }

  async works(): Promise<readonly WorkState[]> {
    const rows = await this.sql(STATES, [QUEUE, RATE_SECONDS]);
    return Promise.all(rows.map(async (row) => stateOf(row, await this.sql(FAILURES, [QUEUE, row.id, MOST_FAILURES]))));
  }

  async retry(work: string): Promise<number> {
    return (await this.sql(RETRY, [QUEUE, work, MOST_TAKEN - 1])).length;
  }

  async cancel(work: string): Promise<number> {
    return (await this.sql(CANCEL, [QUEUE, work])).length;
  }

  close(): Promise<void> {
    return this.boss.stop({ graceful: false });
  }

  private async sql(text: string, values: readonly unknown[]): Promise<readonly Record<string, unknown>[]> {
    return (await this.boss.getDb().executeSql(text, [...values])).rows;
  }
}

const attempt = ({ id, taken }: Taken) => ({ id, retryCount: taken });

// pg-boss has no call for these. The second line of each is its own mark of the attempt that a worker holds.
const HELD = `name = $1 AND id = $2::uuid AND state = 'active' AND retry_count = $3`;
/** As if it had never been taken: no attempt is counted. */
const GIVE_BACK = `UPDATE ${SCHEMA}.job SET state = 'created', started_on = NULL, heartbeat_on = NULL WHERE ${HELD}`;
const SET_ASIDE = `UPDATE ${SCHEMA}.job SET state = 'failed', completed_on = now(), output = $4::jsonb WHERE ${HELD}`;
const RETRY = `UPDATE ${SCHEMA}.job
  SET state = 'created', output = NULL, retry_count = 0, retry_limit = $3, started_on = NULL, heartbeat_on = NULL, completed_on = NULL,
    start_after = now(), keep_until = now() + interval '${KEPT} seconds'
  WHERE name = $1 AND group_id = $2 AND state IN ('failed', 'cancelled') RETURNING id`;
const CANCEL = `UPDATE ${SCHEMA}.job SET state = 'cancelled', completed_on = now()
  WHERE name = $1 AND group_id = $2 AND state IN ('created', 'retry', 'active', 'failed') RETURNING id`;

const STATES = `SELECT *, (SELECT data FROM ${SCHEMA}.job WHERE name = $1 AND group_id = counted.id LIMIT 1) AS data
  FROM (
    SELECT group_id AS id, min(created_on) AS put,
      count(*) FILTER (WHERE state IN ('created', 'retry'))::int AS waiting,
      count(*) FILTER (WHERE state = 'active')::int AS active,
      count(*) FILTER (WHERE state = 'completed')::int AS done,
      count(*) FILTER (WHERE state = 'failed')::int AS aside,
      count(*) FILTER (WHERE state = 'cancelled')::int AS cancelled,
      coalesce(sum((output->>'rows')::float8) FILTER (WHERE state = 'completed'), 0) AS rows,
      coalesce(sum((output->>'failed')::float8) FILTER (WHERE state = 'completed'), 0) AS failed,
      coalesce(sum((output->>'rows')::float8) FILTER (WHERE state = 'completed' AND completed_on > now() - $2::int * interval '1 second'), 0)
        / greatest(1, least($2::int, extract(epoch FROM now() - min(started_on))))::float8 AS rate
    FROM ${SCHEMA}.job WHERE name = $1 AND group_id IS NOT NULL GROUP BY group_id
  ) counted ORDER BY put, id`;
const FAILURES = `SELECT (data->>'shard')::int AS shard, output, retry_count FROM ${SCHEMA}.job
  WHERE name = $1 AND group_id = $2 AND state = 'failed' ORDER BY 1 LIMIT $3`;

function stateOf(row: Readonly<Record<string, unknown>>, failures: readonly Record<string, unknown>[]): WorkState {
  const { shard: _, format: __, version: ___, ...work }: Job = readJob(row.data);
  const number = (field: string): number => Number(row[field] ?? 0);
  return {
    id: String(row.id),
    work,
    waiting: number("waiting"),
    active: number("active"),
    done: number("done"),
    aside: number("aside"),
    cancelled: number("cancelled"),
    rows: number("rows"),
    failed: number("failed"),
    rate: number("rate"),
    failures: failures.map(({ shard, output, retry_count }) => {
      const known = outputOf(output);
      const { failure, errors } = known ?? { failure: { message: DISAPPEARED, worker: "" }, errors: Number(retry_count) + 1 };
      return { ...failure, shard: Number(shard), errors };
    }),
  };
}
