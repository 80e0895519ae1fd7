// What the page asks for, by numbers of photographs, as an act of the journal, by their names. What changes nothing is no act.

import { expected, UsageError } from "../../core/errors.ts";
import { checkedClassName } from "../labels/class-name.ts";
import type { LabelState } from "../labels/label-state.ts";
import type { Said } from "../labels/record.ts";
import type { LabelAct } from "../protocol/labels.ts";
import type { Guess, PhotoId } from "../protocol/photographs.ts";
import { labelOf } from "./labelled-photos.ts";
import type { PhotoTable } from "./photo-table.ts";

/** What an act is made for. */
export interface ActSubject {
  readonly table: PhotoTable;
  readonly state: LabelState;
  readonly guessOf: (id: PhotoId) => Guess | undefined;
}

/** The act as the journal says it; undefined if it would change nothing. Throws a UsageError for photographs and classes that there are not. */
export function saidOf(act: LabelAct, { table, state, guessOf }: ActSubject): Said | undefined {
  const changed = (ids: readonly PhotoId[], isAsWanted: (id: PhotoId) => boolean): string[] =>
    checkedIds(table, ids)
      .filter((id) => !isAsWanted(id))
      .map((id) => table.name(id));
  switch (act.act) {
    case "label": {
      const label = act.class === null ? null : classFor(act.class, state);
      const names = changed(act.ids, (id) => (labelOf(table, state, id).label ?? null) === label);
      return names.length === 0 ? undefined : { act: "label", labels: [{ class: label, names }] };
    }
    case "accept":
      return accepted(checkedIds(table, act.ids), { table, state, guessOf });
    case "skip": {
      const names = changed(act.ids, (id) => labelOf(table, state, id).skipped === act.skipped);
      return names.length === 0 ? undefined : { act: "skip", names, skipped: act.skipped };
    }
    case "delete": {
      const names = changed(act.ids, (id) => labelOf(table, state, id).deleted === act.deleted);
      return names.length === 0 ? undefined : { act: "delete", names, deleted: act.deleted };
    }
    case "addClass": {
      const name = checkedClassName(act.class);
      return state.classes.has(name) ? undefined : { act: "addClass", class: name };
    }
    case "renameClass": {
      const to = checkedClassName(act.to);
      checkClass(act.class, state);
      if (to === act.class) return undefined;
      if (state.classes.has(to)) throw new UsageError(`There is a class "${to}" already`, "Merge the two, or choose another name.");
      return { act: "renameClass", class: act.class, to };
    }
    case "mergeClasses": {
      const into = classFor(act.into, state);
      for (const name of act.classes) checkClass(name, state);
      const classes = [...new Set(act.classes)].filter((name) => name !== into);
      return classes.length === 0 ? undefined : { act: "mergeClasses", classes, into };
    }
    case "removeClass":
      checkClass(act.class, state);
      return { act: "removeClass", class: act.class };
  }
}

/** The photographs with these numbers, each once. Throws a UsageError if one is not there. */
export function checkedIds(table: PhotoTable, ids: readonly PhotoId[]): readonly PhotoId[] {
  const wrong = ids.find((id) => !table.has(id));
  if (wrong !== undefined) throw expected("the number of a photograph of this folder", "a photograph", wrong);
  return [...new Set(ids)];
}

/** Labels by class. */
export function labelsByClass(labels: Iterable<readonly [name: string, label: string]>): { class: string; names: string[] }[] {
  const byClass = new Map<string, string[]>();
  for (const [name, label] of labels) {
    const names = byClass.get(label);
    if (names) names.push(name);
    else byClass.set(label, [name]);
  }
  return [...byClass].map(([label, names]) => ({ class: label, names }));
}

function accepted(ids: readonly PhotoId[], { table, state, guessOf }: ActSubject): Said | undefined {
  const labels = ids.flatMap((id): [string, string][] => {
    const guess = guessOf(id);
    // A class that was taken away since the head was fitted is not made again.
    if (!guess || !state.classes.has(guess.class) || labelOf(table, state, id).label === guess.class) return [];
    return [[table.name(id), guess.class]];
  });
  return labels.length === 0 ? undefined : { act: "accept", labels: labelsByClass(labels) };
}

/** A class that is there, whatever it is called, or one that can be made. */
function classFor(name: string, state: LabelState): string {
  return state.classes.has(name) ? name : checkedClassName(name);
}

function checkClass(name: string, state: LabelState): void {
  if (!state.classes.has(name)) throw new UsageError(`There is no class "${name}"`, "It may have been renamed in another tab.");
}
