// Which photographs the grid shows: what a query found, or those behind a number elsewhere, such as a cell of a confusion matrix.

import { computed, signal } from "@preact/signals";
import type { StudioEngine } from "../../protocol/engine.ts";
import type { PhotoId, PhotoQuery } from "../../protocol/photographs.ts";

/** Photographs that another view chose. */
export interface Chosen {
  /** What they are: "roses predicted as tulips". */
  readonly title: string;
  readonly ids: readonly PhotoId[];
}

export class PhotoView {
  readonly #engine: Pick<StudioEngine, "list">;
  readonly #onError: (error: unknown) => void;
  readonly query = signal<PhotoQuery>({ order: "name" });
  readonly chosen = signal<Chosen | undefined>(undefined);
  /** Undefined before the first answer. */
  readonly found = signal<{ readonly ids: readonly PhotoId[]; readonly revision: number } | undefined>(undefined);
  readonly loading = signal(false);
  readonly ids = computed<readonly PhotoId[]>(() => this.chosen.value?.ids ?? this.found.value?.ids ?? []);
  /** Where a photograph is in `ids`. */
  readonly places = computed(() => new Map(this.ids.value.map((id, i) => [id, i])));
  #asked = 0;

  constructor(engine: Pick<StudioEngine, "list">, onError: (error: unknown) => void) {
    this.#engine = engine;
    this.#onError = onError;
  }

  /** Changes parts of the query, and shows what it finds. */
  ask(change: { readonly [Key in keyof PhotoQuery]?: PhotoQuery[Key] | undefined }): Promise<void> {
    const merged = Object.entries({ ...this.query.value, ...change }).filter(([, value]) => value !== undefined);
    this.query.value = Object.fromEntries(merged) as PhotoQuery;
    this.chosen.value = undefined;
    return this.refresh();
  }

  /** Takes all filters away. */
  clear(): Promise<void> {
    return this.ask({ name: undefined, state: undefined, labels: undefined, guesses: undefined, marks: undefined });
  }

  show(chosen: Chosen): void {
    this.chosen.value = chosen;
  }

  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    this.loading.value = true;
    try {
      const list = await this.#engine.list(this.query.value);
      // A later question overtook this one.
      if (asked === this.#asked) this.found.value = list;
    } catch (error) {
      this.#onError(error);
    } finally {
      if (asked === this.#asked) this.loading.value = false;
    }
  }
}
