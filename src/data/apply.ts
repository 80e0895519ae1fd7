// From a decoded image to the pixels that a network sees: one antialiased scaling of what the crop needs, at most one interpolation more.

import { canvasAfter, type DrawnTransform, type Move } from "./draw.ts";
import type { RgbImage } from "./image.ts";
import { resize } from "./resample.ts";
import type { TransformSpec } from "./transforms.ts";
import { type Affine, compose, IDENTITY, regionRead, warp } from "./warp.ts";

/** Applies what was drawn for `image`; returns [size, size, 3]. Equal images and draws give equal pixels on every platform. */
export function applyTransform(image: RgbImage, spec: TransformSpec, drawn: DrawnTransform): Uint8Array {
  const { size } = spec;
  const { source, width, height } = drawn;
  const map = compose(mapOf(drawn.moves, width, height), [1, 0, drawn.left, 0, 1, drawn.top]);
  const [a, b, c, d, e, f] = map;
  const upright = a === 1 && b === 0 && d === 0 && e === 1;
  const inside = c >= 0 && f >= 0 && c + size <= width && f + size <= height;
  const region = upright && inside ? { left: c, top: f, width: size, height: size } : regionRead(map, size, width, height);
  const part = resize(image, width, height, region, source);
  const pixels = upright && inside ? part.data : warp(part, region, map, size, width, height);
  // A copy where nothing was scaled, because the image must stay as it is.
  const owned = pixels.buffer === image.data.buffer ? pixels.slice() : pixels;
  light(owned, drawn.brightness, drawn.contrast);
  for (const hole of drawn.holes)
    for (let y = hole.top; y < hole.top + hole.height; y++)
      owned.fill(0, (y * size + hole.left) * 3, (y * size + hole.left + hole.width) * 3);
  return owned;
}

// The way back from a pixel after the moves to where it was before them.
function mapOf(moves: readonly Move[], width: number, height: number): Affine {
  let map = IDENTITY;
  moves.forEach((move, index) => {
    const before = canvasAfter(moves.slice(0, index), width, height);
    map = compose(map, backwards(move, before[0], before[1]));
  });
  return map;
}

function backwards(move: Move, width: number, height: number): Affine {
  switch (move.kind) {
    case "pad":
      return [1, 0, -move.pixels, 0, 1, -move.pixels];
    case "flip":
      return [-1, 0, width - 1, 0, 1, 0];
    case "turn":
      if (move.quarters === 1) return [0, -1, width - 1, 1, 0, 0];
      if (move.quarters === 2) return [-1, 0, width - 1, 0, -1, height - 1];
      return [0, 1, 0, -1, 0, height - 1];
    case "rotate": {
      const angle = (move.degrees * Math.PI) / 180;
      return aboutCentre(Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle), width, height);
    }
    case "zoom":
      return aboutCentre(1 / move.x, 0, 0, 1 / move.y, width, height);
  }
}

function aboutCentre(a: number, b: number, d: number, e: number, width: number, height: number): Affine {
  const x = (width - 1) / 2;
  const y = (height - 1) / 2;
  return [a, b, x - a * x - b * y, d, e, y - d * x - e * y];
}

// x ← (x − mean)·contrast + mean + brightness, the mean taken over the crop, because that is what the network sees.
function light(pixels: Uint8Array, brightness: number, contrast: number): void {
  if (brightness === 0 && contrast === 1) return;
  let sum = 0;
  for (let i = 0; i < pixels.length; i++) sum += pixels[i]!;
  const mean = sum / pixels.length;
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => (value - mean) * contrast + mean + brightness * 255);
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[pixels[i]!]!;
}
