// What was made to be downloaded, kept for some minutes under names that nobody guesses.

import type { Download } from "../protocol/results.ts";
import { ROUTES } from "../protocol/routes.ts";
import type { MadeDownload } from "../server/served-engine.ts";

/** Bytes, and files, that are kept; older ones go. */
const [MOST_BYTES, MOST_FILES] = [1_000_000_000, 20];

export class Downloads {
  readonly #kept = new Map<string, MadeDownload>();
  readonly #newToken: () => string;

  constructor(newToken: () => string) {
    this.#newToken = newToken;
  }

  get(token: string): MadeDownload | undefined {
    return this.#kept.get(token);
  }

  /** Keeps a file, and gives its address. */
  offer(made: MadeDownload): Download {
    const token = this.#newToken();
    this.#kept.set(token, made);
    let bytes = [...this.#kept.values()].reduce((sum, each) => sum + each.bytes.length, 0);
    for (const [oldest, each] of this.#kept) {
      if ((bytes <= MOST_BYTES && this.#kept.size <= MOST_FILES) || oldest === token) break;
      this.#kept.delete(oldest);
      bytes -= each.bytes.length;
    }
    return { name: made.name, bytes: made.bytes.length, address: `${ROUTES.downloads}/${token}/${encodeURIComponent(made.name)}` };
  }
}
