// What is known about each photograph's label: the folder that it lies in, and over it what the user said.

import type { LabelState } from "../labels/label-state.ts";
import type { StudioState } from "../protocol/engine.ts";
import type { ClassRow } from "../protocol/labels.ts";
import type { LabelSource, PhotoId } from "../protocol/photographs.ts";
import type { Guesses } from "./head.ts";
import { byName } from "./name-order.ts";
import type { PhotoTable } from "./photo-table.ts";

export interface PhotoLabel {
  readonly label: string | undefined;
  readonly labelledBy: LabelSource;
  readonly skipped: boolean;
  readonly deleted: boolean;
}

/** The label of a photograph. */
export function labelOf(table: PhotoTable, state: LabelState, id: PhotoId): PhotoLabel {
  const name = table.name(id);
  const { label: said, skipped = false, deleted = false } = state.verdict(name);
  if (said !== undefined) return { label: said ?? undefined, labelledBy: said === null ? "none" : "user", skipped, deleted };
  const { folder } = table.placeOf(state.origin(name));
  const label = folder === undefined ? undefined : state.ofFolder(folder);
  return { label, labelledBy: label === undefined ? "none" : "folder", skipped: skipped && label === undefined, deleted };
}

/** Whether a photograph could not be read. */
export function isBroken(table: PhotoTable, id: PhotoId): boolean {
  const facts = table.facts(id);
  return facts !== undefined && "error" in facts;
}

/** The labels of all photographs, and how many there are of each kind. */
export class LabelledPhotos {
  readonly labels: readonly (PhotoLabel | undefined)[];
  readonly counts: StudioState["counts"];
  readonly #perClass = new Map<string, number>();
  readonly #classes: readonly string[];

  constructor(table: PhotoTable, state: LabelState) {
    const labels: (PhotoLabel | undefined)[] = Array.from({ length: table.count });
    const counts = { photographs: 0, labelled: 0, unlabelled: 0, skipped: 0, deleted: 0, broken: 0 };
    for (const id of table.ids()) {
      const found = labelOf(table, state, id);
      labels[id] = found;
      counts.photographs++;
      if (isBroken(table, id)) counts.broken++;
      if (found.deleted) counts.deleted++;
      else if (found.label !== undefined) {
        counts.labelled++;
        this.#perClass.set(found.label, (this.#perClass.get(found.label) ?? 0) + 1);
      } else if (found.skipped) counts.skipped++;
      else counts.unlabelled++;
    }
    this.labels = labels;
    this.counts = counts;
    this.#classes = [...state.classes].sort(byName);
  }

  /** The classes in order, with their numbers of photographs. */
  classes(guesses: Guesses | undefined): readonly ClassRow[] {
    const guessed = new Map<string, number>();
    if (guesses)
      for (const [id, label] of this.labels.entries()) {
        if (!label || label.deleted || label.label !== undefined) continue;
        const name = guesses.of(id)?.class;
        if (name !== undefined) guessed.set(name, (guessed.get(name) ?? 0) + 1);
      }
    return this.#classes.map((name) => ({ name, labelled: this.#perClass.get(name) ?? 0, guessed: guessed.get(name) ?? 0 }));
  }
}
