// What chance decides for one image, drawn before any pixel is touched: plain numbers that can be looked at, kept and repeated.

import type { RandomStream } from "../core/random.ts";
import type { Box } from "./resample.ts";
import type { AugmentSpec, TransformSpec } from "./transforms.ts";

/** One movement of the whole canvas, about its centre. */
export type Move =
  | { readonly kind: "pad"; readonly pixels: number }
  | { readonly kind: "rotate"; readonly degrees: number }
  | { readonly kind: "flip" }
  | { readonly kind: "turn"; readonly quarters: number }
  | { readonly kind: "zoom"; readonly x: number; readonly y: number };

/** Everything that one image's transform does, in this order. */
export interface DrawnTransform {
  /** The part of the image that is scaled. */
  readonly source: Box;
  /** Its size after scaling. */
  readonly width: number;
  readonly height: number;
  readonly moves: readonly Move[];
  /** Corner of the square that is cut out. */
  readonly left: number;
  readonly top: number;
  /** Added to pixels in [0, 1]. */
  readonly brightness: number;
  /** Factor on the distance from the mean. */
  readonly contrast: number;
  /** Black squares inside the result. */
  readonly holes: readonly Box[];
}

/** Draws the parameters of `spec` for an image of `width` by `height` pixels. A spec without chance draws nothing. */
export function drawAugmentation(spec: TransformSpec, width: number, height: number, random: RandomStream): DrawnTransform {
  const moves: Move[] = [];
  const scaled = drawScale(spec, width, height, random);
  if (spec.pad > 0 && spec.crop !== "googlenet") moves.push({ kind: "pad", pixels: spec.pad });
  let brightness = 0;
  let contrast = 1;
  const holes: Box[] = [];
  for (const augment of spec.augment) {
    if (augment.kind === "lighting") {
      brightness += random.uniform(-augment.brightness, augment.brightness);
      const change = random.uniform(-augment.contrast, augment.contrast);
      contrast *= change >= 0 ? 1 + change : 1 / (1 - change);
    } else if (augment.kind === "cutout") {
      if (random.chance(augment.p))
        for (let hole = 0; hole < augment.holes; hole++) holes.push(drawHole(spec.size, augment.length, random));
    } else moves.push(...drawMove(augment, random));
  }
  const [canvasWidth, canvasHeight] = canvasAfter(moves, scaled.width, scaled.height);
  const room = [canvasWidth - spec.size, canvasHeight - spec.size] as const;
  const [left, top] =
    spec.crop === "random" ? [random.integer(0, room[0]), random.integer(0, room[1])] : [Math.ceil(room[0] / 2), Math.ceil(room[1] / 2)];
  return { ...scaled, moves, left, top, brightness, contrast, holes };
}

/** Width and height of a canvas after `moves`. */
export function canvasAfter(moves: readonly Move[], width: number, height: number): readonly [number, number] {
  let size: readonly [number, number] = [width, height];
  for (const move of moves) {
    if (move.kind === "pad") size = [size[0] + 2 * move.pixels, size[1] + 2 * move.pixels];
    if (move.kind === "turn" && move.quarters % 2 === 1) size = [size[1], size[0]];
  }
  return size;
}

function drawScale(
  spec: TransformSpec,
  width: number,
  height: number,
  random: RandomStream,
): Pick<DrawnTransform, "source" | "width" | "height"> {
  const whole = { left: 0, top: 0, width, height };
  if (spec.crop === "googlenet") {
    const part = drawPart(width, height, random);
    if (part) return { source: part, width: spec.size, height: spec.size };
    return { source: whole, ...scaledSize(width, height, spec.size) };
  }
  const zoom = spec.maxZoom !== undefined && random.chance(0.75) ? random.uniform(1, spec.maxZoom) : 1;
  const target = Math.trunc(zoom * spec.size);
  return { source: whole, ...(spec.crop === "none" ? { width: target, height: target } : scaledSize(width, height, target)) };
}

/** The size of an image of `width` by `height` scaled until its short side is `target`: max(floor(side · ratio), target). */
export function scaledSize(width: number, height: number, target: number): { width: number; height: number } {
  const ratio = target / Math.min(width, height);
  return { width: Math.max(Math.floor(width * ratio), target), height: Math.max(Math.floor(height * ratio), target) };
}

function drawPart(width: number, height: number, random: RandomStream): Box | undefined {
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

function drawMove(augment: Exclude<AugmentSpec, { kind: "lighting" | "cutout" }>, random: RandomStream): Move[] {
  if (augment.kind === "dihedral") {
    const quarters = random.integer(0, 3);
    const flip: Move[] = random.chance(0.5) ? [{ kind: "flip" }] : [];
    return quarters === 0 ? flip : [{ kind: "turn", quarters }, ...flip];
  }
  if (!random.chance(augment.p)) return [];
  switch (augment.kind) {
    case "rotate":
      return [{ kind: "rotate", degrees: random.uniform(-augment.degrees, augment.degrees) }];
    case "flip":
      return [{ kind: "flip" }];
    case "zoom": {
      const factor = 1 + random.uniform(0, augment.max);
      return [{ kind: "zoom", x: factor, y: factor }];
    }
    case "stretch": {
      const factor = 1 + random.uniform(0, augment.max);
      return [random.chance(0.5) ? { kind: "zoom", x: factor, y: 1 } : { kind: "zoom", x: 1, y: factor }];
    }
  }
}

function drawHole(size: number, length: number, random: RandomStream): Box {
  const clip = (value: number) => Math.min(size, Math.max(0, value));
  const [x, y] = [random.integer(0, size - 1), random.integer(0, size - 1)];
  const half = Math.floor(length / 2);
  const [left, top] = [clip(x - half), clip(y - half)];
  return { left, top, width: clip(x + half) - left, height: clip(y + half) - top };
}
