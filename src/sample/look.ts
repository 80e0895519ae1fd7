// The random features of one animal, drawn before anything is painted. Except for the shapes that `animal` and `ears` name, they are
// distributed equally for cats and dogs.

import type { RandomStream } from "../core/random.ts";
import { BRIGHTS, COATS, EYES, lightness, mix, pick, varied } from "./colours.ts";

export type Animal = "cat" | "dog";

/** How the animal is seen: its face and shoulders, from the front, from the side, or at rest. */
export type Pose = "portrait" | "sitting" | "standing" | "lying";

export type Ears = "pointed" | "hanging" | "long" | "folded";

export interface Look {
  readonly animal: Animal;
  readonly pose: Pose;
  readonly ears: Ears;
  /** Colours of the fur: the coat, its shadows and outlines, chest and muzzle, and marks. */
  readonly coat: { readonly base: string; readonly outline: string; readonly pale: string; readonly marks: string };
  readonly marking: "none" | "patch" | "stripes" | "mask" | "blaze";
  readonly iris: string;
  /** Size of the pupil from 0 (a slit or a point) to 1. */
  readonly pupil: number;
  readonly eyesClosed: boolean;
  readonly tongue: boolean;
  readonly collar: string | undefined;
  /** Factors on the width and height of the head. */
  readonly wide: number;
  readonly tall: number;
  /** Degrees by which the head is tilted. */
  readonly tilt: number;
  /** Direction of the face: −1 (left) to 1 (right). */
  readonly turn: number;
  /** Position of the tail, −1 to 1. */
  readonly swing: number;
}

const POSES: readonly Pose[] = ["portrait", "portrait", "portrait", "portrait", "sitting", "sitting", "sitting", "standing", "lying"];
const DOG_EARS: readonly Ears[] = ["hanging", "hanging", "hanging", "long", "long", "long", "folded"];

/** Draws the look of an animal. */
export function drawLook(animal: Animal, random: RandomStream): Look {
  const base = varied(random, pick(random, COATS));
  const other = varied(random, pick(random, COATS));
  const contrast = Math.abs(lightness(other) - lightness(base));
  const marks = contrast > 0.15 ? other : mix(base, lightness(base) > 0.5 ? "#3a2a20" : "#f4ead8", 0.55);
  return {
    animal,
    pose: pick(random, POSES),
    ears: animal === "cat" ? "pointed" : pick(random, DOG_EARS),
    coat: {
      base,
      outline: mix(base, lightness(base) > 0.3 ? "#2a1c14" : "#000000", lightness(base) > 0.3 ? 0.6 : 0.5),
      pale: mix(base, "#fff8ee", random.uniform(0.45, 0.85)),
      marks,
    },
    marking: pick(random, ["none", "patch", "stripes", "mask", "blaze"] as const),
    iris: varied(random, pick(random, EYES)),
    pupil: random.uniform(0, 1),
    eyesClosed: random.chance(0.1),
    tongue: random.chance(0.6),
    collar: random.chance(0.5) ? varied(random, pick(random, BRIGHTS)) : undefined,
    wide: random.uniform(0.92, 1.1),
    tall: random.uniform(0.94, 1.08),
    tilt: random.uniform(-12, 12),
    turn: random.uniform(-1, 1),
    swing: random.uniform(-1, 1),
  };
}
