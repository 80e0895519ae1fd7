// Which photographs a query finds, and in what order.

import type { Guess, Mark, PhotoId, PhotoQuery } from "../protocol/photographs.ts";
import type { PhotoLabel } from "./labelled-photos.ts";
import { placesOf } from "./name-order.ts";

/** A photograph as a query sees it. */
export interface Candidate extends PhotoLabel {
  readonly id: PhotoId;
  readonly name: string;
  readonly guess: Guess | undefined;
  readonly marks: readonly Mark[];
}

/** Whether a query finds a photograph. */
export function isFound(query: PhotoQuery): (photograph: Candidate) => boolean {
  const { labels, guesses, state, marks } = query;
  const text = query.name?.toLowerCase() ?? "";
  return (photograph) => {
    const { name, label, skipped, deleted, guess } = photograph;
    if (deleted !== (state === "deleted")) return false;
    if (state === "labelled" && label === undefined) return false;
    if (state === "unlabelled" && (label !== undefined || skipped)) return false;
    if (state === "skipped" && !(skipped && label === undefined)) return false;
    if (state === "wrong" && !(label !== undefined && guess !== undefined && guess.class !== label)) return false;
    if (labels && !labels.includes(label ?? null)) return false;
    if (guesses && !(guess && guesses.includes(guess.class))) return false;
    if (marks && !photograph.marks.some(({ mark }) => marks.includes(mark))) return false;
    return text === "" || name.toLowerCase().includes(text);
  };
}

type Compare = (a: Candidate, b: Candidate) => number;

const surest: Compare = (a, b) => uncertaintyOf(a) - uncertaintyOf(b);

const ORDERS: Readonly<Record<Exclude<NonNullable<PhotoQuery["order"]>, "guess">, Compare>> = {
  name: () => 0,
  uncertain: (a, b) => needOf(a) - needOf(b) || (b.guess?.uncertainty ?? -1) - (a.guess?.uncertainty ?? -1),
  sure: surest,
  doubtful: (a, b) => supportOf(a) - supportOf(b),
};

/** Photographs in the order of a query, then by name: by the place that `placeOf` gives among all names. */
export function inOrder(photographs: readonly Candidate[], { order = "name" }: PhotoQuery, placeOf: (id: PhotoId) => number): PhotoId[] {
  const compare = order === "guess" ? byGuess(photographs) : ORDERS[order];
  const placed = photographs.map((photograph) => ({ photograph, place: placeOf(photograph.id) }));
  placed.sort((a, b) => compare(a.photograph, b.photograph) || a.place - b.place);
  return placed.map(({ photograph }) => photograph.id);
}

/** By the class that is guessed, those without a guess last; within a class the surest first. */
function byGuess(photographs: readonly Candidate[]): Compare {
  const classes = placesOf(photographs.flatMap(({ guess }) => guess?.class ?? []));
  const placeOf = ({ guess }: Candidate): number => (guess && classes.get(guess.class)) ?? classes.size;
  return (a, b) => placeOf(a) - placeOf(b) || surest(a, b);
}

/** 0 for what is to be labelled, 1 for what was put off, 2 for what has a label. */
function needOf({ label, skipped }: Candidate): number {
  return label !== undefined ? 2 : skipped ? 1 : 0;
}

function uncertaintyOf({ guess }: Candidate): number {
  return guess?.uncertainty ?? 2;
}

/** How sure the head is of the label that a photograph has: from −1, surely another class, to 1; without label or guess 2. */
function supportOf({ label, guess }: Candidate): number {
  if (label === undefined || !guess) return 2;
  return guess.class === label ? 1 - guess.uncertainty : guess.uncertainty - 1;
}
