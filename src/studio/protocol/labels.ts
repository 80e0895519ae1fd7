// What the user does to labels and classes. Each act is one line of the journal, and can be undone.

import type { PhotoId } from "./photographs.ts";

/** An act on labels. Names of classes are trimmed; 1 to 100 characters, none of them a control character or a slash, not beginning with a dot. */
export type LabelAct =
  /** Gives all of them a class, which is made if it is new; `null` takes their labels away. */
  | { readonly act: "label"; readonly ids: readonly PhotoId[]; readonly class: string | null }
  /** Gives each the class that the head guesses. */
  | { readonly act: "accept"; readonly ids: readonly PhotoId[] }
  /** Puts them off, or back among what is to be labelled. */
  | { readonly act: "skip"; readonly ids: readonly PhotoId[]; readonly skipped: boolean }
  /** Marks them as deleted, or as not. */
  | { readonly act: "delete"; readonly ids: readonly PhotoId[]; readonly deleted: boolean }
  | { readonly act: "addClass"; readonly class: string }
  /** Gives a class a new name, which no other class may have. */
  | { readonly act: "renameClass"; readonly class: string; readonly to: string }
  /** Makes the photographs of `classes` ones of the class `into`. */
  | { readonly act: "mergeClasses"; readonly classes: readonly string[]; readonly into: string }
  /** Takes away a class and the labels of its photographs. */
  | { readonly act: "removeClass"; readonly class: string };

/** An act that was done: what undo and redo name. */
export interface DoneAct {
  readonly act: LabelAct["act"] | "import";
  /** In the past tense, without full stop: "Labelled 12 photographs roses". */
  readonly words: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** How many photographs it was about. */
  readonly photographs: number;
}

/** A class, in the order of names. */
export interface ClassRow {
  readonly name: string;
  /** Photographs with this label that count. */
  readonly labelled: number;
  /** Photographs without label that are guessed to be of it. */
  readonly guessed: number;
}

/** Files that `apply` would move or copy. */
export interface ApplyPlan {
  /** Names the plan: `apply` refuses it if labels have changed since. */
  readonly token: string;
  readonly how: "move" | "copy";
  /** Where the folders of classes are: the photographs' own folder, or for copies another one beside it. */
  readonly to: string;
  /** The first of what would be done. */
  readonly steps: readonly { readonly id: PhotoId; readonly from: string; readonly to: string }[];
  readonly total: number;
  /** Why a file stays where it is: there is another one of that name, or it is gone. */
  readonly problems: readonly { readonly id: PhotoId; readonly from: string; readonly problem: string }[];
}

export interface Applied {
  readonly done: number;
  readonly problems: ApplyPlan["problems"];
}

/** What a table of labels did. */
export interface Imported {
  readonly labelled: number;
  /** Names in the table that no photograph has, at most 100 of them, and how many there are. */
  readonly unknown: readonly string[];
  readonly unknownTotal: number;
}
