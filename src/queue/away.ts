// Which errors of a queue's server pass by themselves: it restarts, or the network to it fails for a while.

import { systemCode } from "../core/system-error.ts";

/** Of PostgreSQL: connection exceptions, a server that shuts down or starts up, and too many connections or too little memory for now. */
const SQL = /^(08|57P|53)/;
const SYSTEM = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;
/** What the connection says without a code. */
const WORDS = /connection terminated|timeout exceeded when trying to connect|connection timeout/i;

/** Whether the server of a queue cannot be reached, for the time being. */
export function isAway(error: unknown): boolean {
  const code = systemCode(error) ?? "";
  return SQL.test(code) || SYSTEM.test(code) || (error instanceof Error && WORDS.test(error.message));
}
