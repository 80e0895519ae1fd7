// Which part of an image is scaled, and to what size: the first canvas.

import type { RandomStream } from "../../core/random.ts";
import type { Box } from "../pixels/box.ts";
import { ATTEMPTS, drawPlace, drawSides } from "./random-box.ts";
import type { TransformSpec } from "./transforms.ts";

/** An image can be at most this many times as long as wide to be augmented as a whole; of a longer one a part is taken, to limit memory. */
export const LONGEST = 16;

/** Part of an image, and its size after scaling. */
export interface ScaledPart {
  readonly source: Box;
  readonly width: number;
  readonly height: number;
}

/** The size of an image of `width` by `height` scaled until its short side is `target`: max(floor(side · ratio), target). */
export function scaledSize(width: number, height: number, target: number): { width: number; height: number } {
  const ratio = target / Math.min(width, height);
  return { width: Math.max(Math.floor(width * ratio), target), height: Math.max(Math.floor(height * ratio), target) };
}

/** Draws the part of an image of `width` by `height` that `spec` scales, and its size. */
export function drawScale(spec: TransformSpec, width: number, height: number, random: RandomStream): ScaledPart {
  const { size, crop, maxZoom } = spec;
  const whole = { left: 0, top: 0, width, height };
  // The picture goes straight to the square; augmentations in between see it in its own proportions.
  if (crop === "none") return { source: whole, width: size, height: size };
  if (crop === "googlenet") {
    const part = drawGooglenetPart(width, height, random);
    return part ? { source: part, width: size, height: size } : scaledTo(spec, size, width, height, random);
  }
  if (crop === "resized") return { source: drawResizedPart(spec, width, height, random), width: size, height: size };
  if (maxZoom === undefined) return scaledTo(spec, size, width, height, random);
  const [low, high] = typeof maxZoom === "number" ? [1, maxZoom] : maxZoom;
  const zoom = random.chance(0.75) ? random.uniform(low, high) : 1;
  return scaledTo(spec, Math.max(1, Math.trunc(zoom * size)), width, height, random);
}

function scaledTo(spec: TransformSpec, target: number, width: number, height: number, random: RandomStream): ScaledPart {
  const part = (length: number, other: number) => (spec.augment.length > 0 ? Math.min(length, LONGEST * other) : length);
  const [partWidth, partHeight] = [part(width, height), part(height, width)];
  const place = (free: number) => (spec.crop === "random" && free > 0 ? random.integer(0, free) : Math.ceil(free / 2));
  const source = { left: place(width - partWidth), top: place(height - partHeight), width: partWidth, height: partHeight };
  return { source, ...scaledSize(partWidth, partHeight, target) };
}

// fastai 0.7's GOOGLENET crop; undefined if no attempt fits.
function drawGooglenetPart(width: number, height: number, random: RandomStream): Box | undefined {
  const swap = random.chance(0.5);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = random.uniform(0.08, 1) * width * height;
    const aspect = random.uniform(0.75, 1.333);
    const sides = [Math.trunc(Math.sqrt(area * aspect)), Math.trunc(Math.sqrt(area / aspect))] as const;
    const [across, down] = swap ? [sides[1], sides[0]] : sides;
    if (fits(across, down, width, height)) return drawPlace(across, down, width, height, random);
  }
  return undefined;
}

// torchvision's RandomResizedCrop; if no attempt fits, the middle in the nearest aspect allowed.
function drawResizedPart(
  { cropScale = [0.08, 1], cropRatio = [3 / 4, 4 / 3] }: TransformSpec,
  width: number,
  height: number,
  random: RandomStream,
): Box {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [across, down] = drawSides(width, height, cropScale, cropRatio, random);
    if (fits(across, down, width, height)) return drawPlace(across, down, width, height, random);
  }
  const [low, high] = cropRatio;
  const partWidth = width / height > high ? Math.max(1, Math.min(width, Math.round(height * high))) : width;
  const partHeight = width / height < low ? Math.max(1, Math.min(height, Math.round(width / low))) : height;
  return { left: (width - partWidth) >> 1, top: (height - partHeight) >> 1, width: partWidth, height: partHeight };
}

function fits(across: number, down: number, width: number, height: number): boolean {
  return across >= 1 && down >= 1 && across <= width && down <= height;
}
