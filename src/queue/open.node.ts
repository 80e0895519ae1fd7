// Opens the queue at an address, and puts into words what a server answers to a wrong one.

import { createRequire } from "node:module";
import { expected, UnavailableError, UsageError } from "../core/errors.ts";
import { systemCode } from "../core/system-error.ts";
import { isAway } from "./away.ts";
import type { ShardQueue } from "./queue.ts";

/** Whether `text` is the address of a queue. */
export const isQueueAddress = (text: string): boolean => /^postgres(ql)?:\/\//.test(text);

/** The address without its password: for messages, and for commands where PGPASSWORD is set. */
export function publicAddress(address: string): string {
  const url = parse(address);
  url.password = "";
  if (url.searchParams.has("password")) url.searchParams.delete("password");
  return url.href;
}

function parse(address: string): URL {
  if (isQueueAddress(address) && URL.canParse(address)) return new URL(address);
  throw expected(
    "the address of a PostgreSQL database, such as postgres://user@host/database",
    "a queue",
    address.replace(/:[^:@/]*@/, ":…@"),
  );
}

/**
 * Opens the queue in the database at `address`; makes it if there is none and `create` says so. Throws a UsageError that says what is wrong with the
 * address, the database, or its queue; isAway tells whether that may pass by itself.
 */
export async function openQueue(address: string, { create }: { readonly create: boolean }): Promise<ShardQueue> {
  const name = publicAddress(address);
  const { openPgBoss } = await import("./pg-boss.node.ts").catch((error: unknown) => {
    throw withoutPgBoss(error);
  });
  try {
    return await openPgBoss({ name, database: address, create, newest: newestSchema() });
  } catch (error) {
    throw inWords(error, name);
  }
}

/** `error` of the import as a UsageError, if the package that only these queues need is not installed. */
export function withoutPgBoss(error: unknown): unknown {
  if (systemCode(error) !== "ERR_MODULE_NOT_FOUND") return error;
  return new UsageError(
    "A queue in PostgreSQL needs the package pg-boss, which is not installed",
    "Install it beside thaw: npm install pg-boss. It wants Node 22.12 or later.",
    { cause: error },
  );
}

/** The layout of the tables that the installed pg-boss knows. */
function newestSchema(): number {
  return (createRequire(import.meta.url)("pg-boss/package.json") as { pgboss: { schema: number } }).pgboss.schema;
}

/** Of PostgreSQL's codes for what is wrong with an address or a database. */
const CAUSES: Readonly<Record<string, readonly [cause: string, cure: string]>> = {
  "28P01": ["the password or the user is wrong", "Check the address, or set PGPASSWORD."],
  "28000": ["the server refuses this user from here", "Check the address, and the server's pg_hba.conf."],
  "3D000": ["there is no such database", "Check the address, or make the database: createdb <name>."],
  "42501": [
    "the user may not make or use the queue's tables, in the schema thaw",
    "Grant it that: GRANT CREATE ON DATABASE <name> TO <user>.",
  ],
};

/** `error` as a UsageError, if it is the address's, the database's or the network's. */
export function inWords(error: unknown, name: string): unknown {
  const cause = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const code = systemCode(cause) ?? "";
  const options = { cause };
  if (/password must be a string/.test((cause as Error)?.message ?? ""))
    return new UsageError(
      `Cannot use the queue in ${name}: the server wants a password`,
      "Set PGPASSWORD, or put it into the address.",
      options,
    );
  const [why, cure] = CAUSES[code] ?? [];
  if (why !== undefined) return new UsageError(`Cannot use the queue in ${name}: ${why}`, cure, options);
  if (isAway(cause))
    return new UnavailableError(
      `Cannot reach the queue in ${name}: ${(cause as Error).message}`,
      "Check the address, and that the server runs.",
      options,
    );
  return error;
}
