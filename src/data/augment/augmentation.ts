// The parts of an augmentation. Each has a file in movement/, colour/, local/ or policy/, and a row in augmentations.ts.

import type { RandomStream } from "../../core/random.ts";
import type { FieldChecks } from "./checks.ts";
import type { CanvasSize } from "./step.ts";

/** What an augmentation is drawn for: a canvas of which a square of `size` pixels will be seen. */
export interface Canvas extends CanvasSize {
  readonly size: number;
}

/** An augmentation as a program writes it. */
export interface Example<Spec> {
  /** The expression that makes it. */
  readonly code: string;
  /** What it does, in a few words. */
  readonly note: string;
  /** What the expression gives, with a probability of 1 if it has one; or a list of variants, if nothing about them is random. */
  readonly spec: Spec | readonly Spec[];
}

/** The rules of one augmentation. `Spec` says what may happen to an image, `Step` what does. */
export interface Augmentation<Spec, Step> {
  readonly origin: "fastai 0.7" | "newer";
  /** True if it is applied to the crop, after all others. */
  readonly afterCrop?: true;
  /** Throws a UsageError that names the first number of `spec` that is out of range. */
  check(spec: Spec, fields: FieldChecks): void;
  /** Draws what happens to one image; no step if nothing does. */
  draw(spec: Spec, random: RandomStream, canvas: Canvas): readonly Step[];
  /** Examples strong enough to be seen in images of `size` pixels. */
  examples(size: number): readonly Example<Spec>[];
}
