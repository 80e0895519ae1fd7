// Rotation about the centre.

import type { RandomStream } from "../../../core/random.ts";
import { aboutCentre } from "../../pixels/projection.ts";
import type { Border } from "../../pixels/warp.ts";
import type { Augmentation } from "../augmentation.ts";
import type { MoveRule } from "../step.ts";

export interface RotateSpec {
  readonly kind: "rotate";
  readonly degrees: number;
  readonly p: number;
  readonly mode?: Border;
}

export interface RotateStep {
  readonly kind: "rotate";
  /** Counterclockwise. */
  readonly degrees: number;
  readonly border: Border;
}

/** Rotates about the centre by an angle from [−degrees, degrees]. `mode` fills what that uncovers; default "reflect". */
export function randomRotate(degrees: number, { p = 0.75, mode = "reflect" }: { p?: number; mode?: Border } = {}): RotateSpec {
  return { kind: "rotate", degrees, p, mode };
}

/** Draws an angle from [−degrees, degrees]. */
export function drawRotation(degrees: number, border: Border = "reflect", random: RandomStream): RotateStep {
  return { kind: "rotate", degrees: random.uniform(-degrees, degrees), border };
}

export const rotate: Augmentation<RotateSpec, RotateStep> = {
  origin: "fastai 0.7",
  check({ p, degrees }, fields) {
    fields.probability(p);
    fields.number("degrees", degrees, 0, 180);
  },
  draw: ({ degrees, p, mode }, random) => (random.chance(p) ? [drawRotation(degrees, mode, random)] : []),
  examples: () => [{ code: "randomRotate(10)", note: "−10 to 10 degrees", spec: randomRotate(10, { p: 1 }) }],
};

export const rotateStep: MoveRule<RotateStep> = {
  map({ degrees }, width, height) {
    const angle = (degrees * Math.PI) / 180;
    return aboutCentre(Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle), width, height);
  },
};
