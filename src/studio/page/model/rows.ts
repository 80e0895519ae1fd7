// The rows of photographs that the page has read. A row that is asked for and not there is read with all others asked for at that moment.

import { signal } from "@preact/signals";
import type { StudioEngine } from "../../protocol/engine.ts";
import { MOST_ROWS, type Photograph, type PhotoId } from "../../protocol/photographs.ts";

/** Rows that are kept; with more, the oldest go. */
const MOST_KEPT = 20_000;

export class Rows {
  readonly #engine: Pick<StudioEngine, "photographs">;
  readonly #onError: (error: unknown) => void;
  readonly #rows = new Map<PhotoId, Photograph>();
  /** Those that have to be read anew; the old row is shown meanwhile. */
  #stale = new Set<PhotoId>();
  #allStale = 0;
  readonly #readIn = new Map<PhotoId, number>();
  #wanted = new Set<PhotoId>();
  #reading = new Set<PhotoId>();
  #planned = false;
  /** Rises with each arrival of rows: who reads it draws again. */
  readonly arrivals = signal(0);

  constructor(engine: Pick<StudioEngine, "photographs">, onError: (error: unknown) => void) {
    this.#engine = engine;
    this.#onError = onError;
  }

  /** The row, if it is there; asks for it if it is not, or not any more. */
  get(id: PhotoId): Photograph | undefined {
    const row = this.#rows.get(id);
    if ((!row || this.#isStale(id)) && !this.#reading.has(id)) this.#want(id);
    return row;
  }

  /** Rows of `ids`, read if they are not there. */
  async read(ids: readonly PhotoId[]): Promise<readonly Photograph[]> {
    // Not from what is kept, which may be less than what is asked for.
    const found = new Map(ids.filter((id) => !this.#isStale(id)).flatMap((id) => [[id, this.#rows.get(id)]] as const));
    const missing = ids.filter((id) => !found.get(id));
    for (let i = 0; i < missing.length; i += MOST_ROWS)
      for (const row of await this.#read(missing.slice(i, i + MOST_ROWS))) found.set(row.id, row);
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  forget(ids: readonly PhotoId[] | "all"): void {
    if (ids === "all") {
      this.#allStale++;
      this.#stale = new Set();
    } else for (const id of ids) this.#stale.add(id);
    this.arrivals.value++;
  }

  #isStale(id: PhotoId): boolean {
    return this.#stale.has(id) || this.#readIn.get(id) !== this.#allStale;
  }

  #want(id: PhotoId): void {
    this.#wanted.add(id);
    if (this.#planned) return;
    this.#planned = true;
    requestAnimationFrame(() => {
      this.#planned = false;
      const ids = [...this.#wanted];
      this.#wanted = new Set();
      for (let i = 0; i < ids.length; i += MOST_ROWS) this.#read(ids.slice(i, i + MOST_ROWS)).catch(this.#onError);
    });
  }

  async #read(ids: readonly PhotoId[]): Promise<readonly Photograph[]> {
    for (const id of ids) {
      this.#reading.add(id);
      this.#stale.delete(id);
    }
    const round = this.#allStale;
    let read: readonly Photograph[];
    try {
      read = await this.#engine.photographs(ids);
      for (const row of read) {
        this.#rows.delete(row.id);
        this.#rows.set(row.id, row);
        this.#readIn.set(row.id, round);
      }
    } finally {
      for (const id of ids) this.#reading.delete(id);
    }
    for (const id of this.#rows.keys()) {
      if (this.#rows.size <= MOST_KEPT) break;
      this.#rows.delete(id);
      this.#readIn.delete(id);
    }
    this.arrivals.value++;
    return read;
  }
}
