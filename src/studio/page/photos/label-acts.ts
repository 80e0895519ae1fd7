// The acts of labelling, from keys and buttons alike: each is about what is selected, and then the focus goes on.

import type { PhotoId } from "../../protocol/photographs.ts";
import type { Studio } from "../model/studio.ts";

export class LabelActs {
  readonly #studio: Studio;

  constructor(studio: Studio) {
    this.#studio = studio;
  }

  async label(className: string | null): Promise<void> {
    const ids = this.#studio.selection.targets;
    if (ids.length === 0) return;
    this.#goOn(ids);
    await this.#studio.act({ act: "label", ids, class: className });
  }

  /** Skips all, or if all are skipped already, none. */
  async skip(): Promise<void> {
    const ids = this.#studio.selection.targets;
    const rows = (await this.#studio.try(this.#studio.rows.read(ids))) ?? [];
    if (rows.length === 0) return;
    const skipped = !rows.every((row) => row.skipped);
    if (skipped) this.#goOn(ids);
    await this.#studio.act({ act: "skip", ids, skipped });
  }

  async delete(): Promise<void> {
    const ids = this.#studio.selection.targets;
    const rows = (await this.#studio.try(this.#studio.rows.read(ids))) ?? [];
    if (rows.length === 0) return;
    const deleted = !rows.every((row) => row.deleted);
    if (deleted) this.#goOn(ids);
    await this.#studio.act({ act: "delete", ids, deleted });
  }

  /** Accepts the guesses of what is selected, or of `row` where that is a single photograph; labels that are there stay. */
  async accept(row: readonly PhotoId[]): Promise<void> {
    const { selection, rows } = this.#studio;
    const ids = selection.count.value > 1 ? selection.targets : row;
    const found = (await this.#studio.try(rows.read(ids))) ?? [];
    const guessed = found.filter(({ label, guess, deleted }) => label === undefined && guess && !deleted);
    if (guessed.length === 0) {
      const labelled = found.every(({ label }) => label !== undefined);
      this.#studio.notices.add({
        kind: "warning",
        message: "There is no guess to accept here",
        hint: labelled ? "Photographs that have a label keep it." : "Label a few photographs of two classes first.",
      });
      return;
    }
    this.#goOn(ids);
    await this.#studio.act({ act: "accept", ids: guessed.map(({ id }) => id) });
  }

  /** Moves to the photograph after `ids`. */
  #goOn(ids: readonly PhotoId[]): void {
    const { selection, photos } = this.#studio;
    const last = photos.places.value.get(ids.at(-1) as PhotoId);
    if (last !== undefined) selection.moveTo(last + 1);
  }
}
