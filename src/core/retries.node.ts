// Trying again what may succeed later, such as a request to a busy server.

import { randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { UnavailableError } from "./errors.ts";

export interface Retries {
  /** How often it is tried in all; default 10, which takes about 20 seconds. */
  readonly attempts?: number;
  /** Most milliseconds before the second attempt, twice as many before the third, and so on; default 200. */
  readonly first?: number;
  /** Most milliseconds before any attempt; default 10,000. */
  readonly most?: number;
}

/**
 * The result of `work`, which is told how often it was tried before. It is tried again as long as it throws an UnavailableError, after a time
 * that is drawn at random, so that many processes do not come back at once. Throws the last error, any other one, and the reason of `signal`.
 */
export async function withRetries<Result>(
  work: (before: number) => Promise<Result>,
  { attempts = 10, first = 200, most = 10_000 }: Retries = {},
  signal?: AbortSignal,
): Promise<Result> {
  for (let before = 0; ; before++) {
    try {
      signal?.throwIfAborted();
      return await work(before);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof UnavailableError) || before + 1 >= attempts) throw error;
      const longest = Math.max(1, Math.min(most, first * 2 ** before));
      await wait(randomInt(longest + 1), undefined, { signal }).catch(() => undefined);
    }
  }
}
