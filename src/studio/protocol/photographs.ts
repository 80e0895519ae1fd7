// The photographs of a studio, as its page shows them: found by number, listed by a query, read some rows at a time.

/** The number of a photograph: 0, 1, 2, … in the order in which the studio met them. It holds until the studio is closed. */
export type PhotoId = number;

/** Where a photograph's label comes from: the folder that it lies in, the user, or nowhere. */
export type LabelSource = "folder" | "user" | "none";

/** What `thaw check` and `thaw audit` find about a photograph, and the mark that the user sets to leave it out. */
export type MarkKind = "broken" | "copy" | "misnamed" | "odd" | "suspect" | "outlier" | "deleted";

export interface Mark {
  readonly mark: MarkKind;
  /** One sentence for the user, such as "Nearly the same as roses/12.jpg". */
  readonly message: string;
  /** The photograph that it is the same as, or nearly. */
  readonly other?: PhotoId;
  /** Of "suspect", the class that it rather seems to be. */
  readonly suggested?: string;
}

/** What the head says about a photograph. */
export interface Guess {
  readonly class: string;
  /** In [0, 1]. */
  readonly probability: number;
  /** In [0, 1]: how little the head prefers the class to the next one (1 minus the difference of their probabilities). */
  readonly uncertainty: number;
}

/** A photograph, as a row of the grid. */
export interface Photograph {
  readonly id: PhotoId;
  /** Path in the folder, with "/" on every platform: to show, and to search in. */
  readonly name: string;
  readonly label: string | undefined;
  readonly labelledBy: LabelSource;
  /** Put off by the user: it comes last among what is to be labelled. */
  readonly skipped: boolean;
  /** Marked as deleted: it counts for nothing, and its file stays where it is. */
  readonly deleted: boolean;
  /** Undefined until the head has been fitted, and for photographs that cannot be read. */
  readonly guess: Guess | undefined;
  readonly marks: readonly Mark[];
}

export type PhotoOrder =
  /** By name. */
  | "name"
  /** Photographs without label first, those with the most uncertain guess first, skipped ones last. */
  | "uncertain"
  /** The surest guesses first: what can be accepted by the row. */
  | "sure"
  /** By guess, the surest first in each class. */
  | "guess"
  /** Those whose label the head doubts most first: the least probability of the label. */
  | "doubtful";

/** Which photographs, and in what order. All conditions that are given must hold. */
export interface PhotoQuery {
  /** Part of the name, in any case. */
  readonly name?: string;
  /** Labels; a photograph without label has `null`. */
  readonly labels?: readonly (string | null)[];
  /** Classes of the guess. */
  readonly guesses?: readonly string[];
  /** "labelled" and "unlabelled" leave out skipped and deleted ones; without `state`, all but the deleted are listed. */
  readonly state?: "labelled" | "unlabelled" | "skipped" | "deleted" | "wrong";
  /** Photographs with at least one of these marks. */
  readonly marks?: readonly MarkKind[];
  /** Default "name". */
  readonly order?: PhotoOrder;
}

/** The photographs of a query, in order. It does not change when labels do: the page asks again when the user wants that. */
export interface PhotoList {
  readonly ids: readonly PhotoId[];
  /** Rises with each change of labels, guesses or photographs. */
  readonly revision: number;
}

/** The most rows of one call of `photographs`. */
export const MOST_ROWS = 1000;

/** "thumbnail" has at most 320 pixels on its longer side, "full" is the photograph as a browser can show it, at most 4096 pixels. */
export type PictureSize = "thumbnail" | "full";

/** A picture to add: a file that was dropped, pasted or picked, or a frame of the webcam. */
export interface NewPicture {
  /** A file name, or a path such as "roses/1.jpg", whose folder becomes the class unless `class` is given. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly class?: string;
}

export interface AddedPicture {
  readonly id: PhotoId;
  readonly name: string;
}
