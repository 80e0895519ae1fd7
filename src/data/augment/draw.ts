// What chance decides for one image, drawn before any pixel is touched: plain numbers that can be looked at, kept and repeated.

import type { RandomStream } from "../../core/random.ts";
import type { Box } from "../pixels/resample.ts";
import { drawSteps } from "./draw-steps.ts";
import { canvasAfter } from "./geometry.ts";
import { isMove, type Step } from "./steps.ts";
import type { TransformSpec } from "./transforms.ts";

/** Everything that one image's transform does. */
export interface DrawnTransform {
  /** The part of the image that is scaled. */
  readonly source: Box;
  /** Its size after scaling, the first canvas. */
  readonly width: number;
  readonly height: number;
  /** What happens to the canvas, in this order; a crop of size × size, or what makes it that size, is among them. */
  readonly steps: readonly Step[];
}

/** Draws the parameters of `spec` for an image of `width` by `height` pixels. A spec without chance draws nothing. */
export function drawAugmentation(spec: TransformSpec, width: number, height: number, random: RandomStream): DrawnTransform {
  const { size, crop, pad, padMode: border = "reflect" } = spec;
  const scaled = drawScale(spec, width, height, random);
  const steps: Step[] = [];
  let canvas: readonly [number, number] = [scaled.width, scaled.height];
  const add = (more: readonly Step[]) => {
    for (const step of more) if (isMove(step)) canvas = canvasAfter(step, canvas[0], canvas[1]);
    steps.push(...more);
  };
  if (crop === "none") add([{ kind: "resize", ...longSideLimited(scaledSize(width, height, size), size) }]);
  if (pad > 0 && crop !== "googlenet" && crop !== "resized") add([{ kind: "pad", pixels: pad, border }]);
  for (const augment of spec.augment) if (augment.kind !== "erase") add(drawSteps(augment, canvas, size, random));
  if (crop === "none") add([{ kind: "resize", width: size, height: size }]);
  else {
    const room = [canvas[0] - size, canvas[1] - size] as const;
    const place = (free: number) => (crop === "random" && free >= 0 ? random.integer(0, free) : Math.ceil(free / 2));
    add([{ kind: "crop", left: place(room[0]), top: place(room[1]), size, border }]);
  }
  for (const augment of spec.augment) if (augment.kind === "erase") add(drawSteps(augment, canvas, size, random));
  return { ...scaled, steps: withoutDetour(steps) };
}

/** The size of an image of `width` by `height` scaled until its short side is `target`: max(floor(side · ratio), target). */
export function scaledSize(width: number, height: number, target: number): { width: number; height: number } {
  const ratio = target / Math.min(width, height);
  return { width: Math.max(Math.floor(width * ratio), target), height: Math.max(Math.floor(height * ratio), target) };
}

type Scaled = Pick<DrawnTransform, "source" | "width" | "height">;

function drawScale(spec: TransformSpec, width: number, height: number, random: RandomStream): Scaled {
  const { size, crop, maxZoom } = spec;
  const whole = { left: 0, top: 0, width, height };
  // The picture goes straight to the square; where augmentations come between, they see it in its own proportions.
  if (crop === "none") return { source: whole, width: size, height: size };
  if (crop === "googlenet") {
    const part = drawGooglenetPart(width, height, random);
    return part ? { source: part, width: size, height: size } : scaledTo(spec, size, width, height, random);
  }
  if (crop === "resized") return { source: drawPart(spec, width, height, random), width: size, height: size };
  if (maxZoom === undefined) return scaledTo(spec, size, width, height, random);
  const [low, high] = typeof maxZoom === "number" ? [1, maxZoom] : maxZoom;
  const zoom = random.chance(0.75) ? random.uniform(low, high) : 1;
  return scaledTo(spec, Math.max(1, Math.trunc(zoom * size)), width, height, random);
}

// How many times as long as wide a picture may be to be augmented as a whole; of a longer one a part is taken, so that memory is bounded.
const LONGEST = 16;

function scaledTo(spec: TransformSpec, target: number, width: number, height: number, random: RandomStream): Scaled {
  const part = (length: number, other: number) => (spec.augment.length > 0 ? Math.min(length, LONGEST * other) : length);
  const [partWidth, partHeight] = [part(width, height), part(height, width)];
  const place = (free: number) => (spec.crop === "random" && free > 0 ? random.integer(0, free) : Math.ceil(free / 2));
  const source = { left: place(width - partWidth), top: place(height - partHeight), width: partWidth, height: partHeight };
  return { source, ...scaledSize(partWidth, partHeight, target) };
}

function longSideLimited({ width, height }: { width: number; height: number }, size: number): { width: number; height: number } {
  return { width: Math.min(width, LONGEST * size), height: Math.min(height, LONGEST * size) };
}

// From the square to the picture's proportions and back, with nothing but colours between, is no way at all.
function withoutDetour(steps: readonly Step[]): readonly Step[] {
  const moves = steps.filter((step) => step.kind !== "erase" && step.kind !== "resize");
  const needed = moves.some((step) => isMove(step) || ["blur", "sharpness", "holes"].includes(step.kind));
  return needed ? steps : steps.filter((step) => step.kind !== "resize");
}

function drawGooglenetPart(width: number, height: number, random: RandomStream): Box | undefined {
  const swap = random.chance(0.5);
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = random.uniform(0.08, 1) * width * height;
    const aspect = random.uniform(0.75, 1.333);
    const sides = [Math.trunc(Math.sqrt(area * aspect)), Math.trunc(Math.sqrt(area / aspect))] as const;
    const [across, down] = swap ? [sides[1], sides[0]] : sides;
    if (across < 1 || down < 1 || across > width || down > height) continue;
    return { left: random.integer(0, width - across), top: random.integer(0, height - down), width: across, height: down };
  }
  return undefined;
}

// torchvision's RandomResizedCrop; where ten attempts do not fit, the middle in the nearest proportions allowed.
function drawPart(
  { cropScale = [0.08, 1], cropRatio = [3 / 4, 4 / 3] }: TransformSpec,
  width: number,
  height: number,
  random: RandomStream,
): Box {
  const [low, high] = cropRatio;
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = random.uniform(cropScale[0], cropScale[1]) * width * height;
    const aspect = Math.exp(random.uniform(Math.log(low), Math.log(high)));
    const [across, down] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (across < 1 || down < 1 || across > width || down > height) continue;
    return { left: random.integer(0, width - across), top: random.integer(0, height - down), width: across, height: down };
  }
  const partWidth = width / height > high ? Math.max(1, Math.min(width, Math.round(height * high))) : width;
  const partHeight = width / height < low ? Math.max(1, Math.min(height, Math.round(width / low))) : height;
  return { left: (width - partWidth) >> 1, top: (height - partHeight) >> 1, width: partWidth, height: partHeight };
}
