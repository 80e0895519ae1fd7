// The random parameters of one image's transform, drawn before any pixel is touched: plain numbers that can be printed, stored and repeated.

import type { RandomStream } from "../../core/random.ts";
import type { Canvas } from "./augmentation.ts";
import { drawSteps, isAfterCrop } from "./augmentations.ts";
import { drawScale, LONGEST, type ScaledPart, scaledSize } from "./scale.ts";
import { canvasAfter, isLocal, isMove, type Step } from "./steps.ts";
import type { TransformSpec } from "./transforms.ts";

/** Everything that the transform of one image does: the part of the image that is scaled, its size after that (the first canvas), and steps. */
export interface DrawnTransform extends ScaledPart {
  /** What happens to the canvas, in this order; among them a crop of size × size, or what makes it that size. */
  readonly steps: readonly Step[];
}

/** Draws the parameters of `spec` for an image of `width` by `height` pixels. A spec without randomness draws nothing. */
export function drawAugmentation(spec: TransformSpec, width: number, height: number, random: RandomStream): DrawnTransform {
  const { size, crop, pad, padMode: border = "reflect" } = spec;
  const scaled = drawScale(spec, width, height, random);
  // A squashed picture is augmented in its own proportions.
  const first = crop === "none" ? longSideLimited(scaledSize(width, height, size), size) : scaled;
  let canvas: Canvas = { width: first.width, height: first.height, size };
  const steps: Step[] = [];
  const add = (more: readonly Step[]) => {
    for (const step of more) if (isMove(step)) canvas = { ...canvasAfter(step, canvas), size };
    steps.push(...more);
  };
  if (pad > 0 && crop !== "googlenet" && crop !== "resized") add([{ kind: "pad", pixels: pad, border }]);
  for (const augment of spec.augment) if (!isAfterCrop(augment)) add(drawSteps(augment, canvas, random));
  if (crop !== "none") add([drawCrop(spec, canvas, random)]);
  else if (steps.some((step) => isMove(step) || isLocal(step))) {
    // From the square to the picture's proportions and back, which is no use if only colours change in between.
    steps.unshift({ kind: "resize", width: first.width, height: first.height });
    add([{ kind: "resize", width: size, height: size }]);
  }
  const square: Canvas = { width: size, height: size, size };
  for (const augment of spec.augment) if (isAfterCrop(augment)) add(drawSteps(augment, square, random));
  return { ...scaled, steps };
}

function drawCrop({ crop, size, padMode: border = "reflect" }: TransformSpec, canvas: Canvas, random: RandomStream): Step {
  const place = (free: number) => (crop === "random" && free >= 0 ? random.integer(0, free) : Math.ceil(free / 2));
  return { kind: "crop", left: place(canvas.width - size), top: place(canvas.height - size), size, border };
}

function longSideLimited({ width, height }: { width: number; height: number }, size: number): { width: number; height: number } {
  return { width: Math.min(width, LONGEST * size), height: Math.min(height, LONGEST * size) };
}
