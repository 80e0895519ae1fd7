// The eight symmetries of a square.

import { affine } from "../../pixels/projection.ts";
import type { Augmentation } from "../augmentation.ts";
import type { MoveRule } from "../step.ts";
import type { FlipStep } from "./flip.ts";

export interface DihedralSpec {
  readonly kind: "dihedral";
  /** Default 1. */
  readonly p?: number;
}

/** Quarter turns to the left. */
export interface TurnStep {
  readonly kind: "turn";
  readonly quarters: number;
}

/** One of the eight symmetries of a square: none to three quarter turns, then with probability ½ mirrored. */
export function randomDihedral({ p = 1 }: { p?: number } = {}): DihedralSpec {
  return { kind: "dihedral", p };
}

export const dihedral: Augmentation<DihedralSpec, TurnStep | FlipStep> = {
  origin: "fastai 0.7",
  check({ p = 1 }, fields) {
    fields.probability(p);
  },
  draw({ p }, random) {
    if (p !== undefined && !random.chance(p)) return [];
    const quarters = random.integer(0, 3);
    const mirrored: readonly FlipStep[] = random.chance(0.5) ? [{ kind: "flip" }] : [];
    return quarters === 0 ? mirrored : [{ kind: "turn", quarters }, ...mirrored];
  },
  examples: () => [{ code: "randomDihedral()", note: "eight symmetries", spec: randomDihedral() }],
};

export const turnStep: MoveRule<TurnStep> = {
  map({ quarters }, width, height) {
    if (quarters === 1) return affine(0, -1, width - 1, 1, 0, 0);
    if (quarters === 2) return affine(-1, 0, width - 1, 0, -1, height - 1);
    return affine(0, 1, 0, -1, 0, height - 1);
  },
  canvas: ({ quarters }, { width, height }) => (quarters % 2 === 1 ? { width: height, height: width } : { width, height }),
};
