// Where a movement takes its pixels from, as a projective map; maps of several movements multiply to one.

import type { Move } from "./steps.ts";

/**
 * The way back from an output pixel (x, y) to where it is taken from, in whole pixels at pixel centres: ((a·x + b·y + c)/w, (d·x + e·y + f)/w)
 * with w = g·x + h·y + i, as [a, b, c, d, e, f, g, h, i].
 */
export type Projection = readonly [number, number, number, number, number, number, number, number, number];

export const IDENTITY: Projection = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** The map that applies `inner` first and `outer` to what it gives. */
export function compose(outer: Projection, inner: Projection): Projection {
  const [a, b, c, d, e, f, g, h, i] = outer;
  const [j, k, l, m, n, o, p, q, r] = inner;
  return [
    a * j + b * m + c * p,
    a * k + b * n + c * q,
    a * l + b * o + c * r,
    d * j + e * m + f * p,
    d * k + e * n + f * q,
    d * l + e * o + f * r,
    g * j + h * m + i * p,
    g * k + h * n + i * q,
    g * l + h * o + i * r,
  ];
}

/** True for a map without perspective. */
export function isAffine([, , , , , , g, h, i]: Projection): boolean {
  return g === 0 && h === 0 && i === 1;
}

/** Width and height of a canvas after `move`. */
export function canvasAfter(move: Move, width: number, height: number): readonly [number, number] {
  if (move.kind === "pad") return [width + 2 * move.pixels, height + 2 * move.pixels];
  if (move.kind === "turn" && move.quarters % 2 === 1) return [height, width];
  if (move.kind === "resize") return [move.width, move.height];
  if (move.kind === "crop") return [move.size, move.size];
  return [width, height];
}

/** The map of `move` on a canvas of `width` by `height`. */
export function backwards(move: Move, width: number, height: number): Projection {
  switch (move.kind) {
    case "pad":
      return affine(1, 0, -move.pixels, 0, 1, -move.pixels);
    case "crop":
      return affine(1, 0, move.left, 0, 1, move.top);
    case "translate":
      return affine(1, 0, -move.x, 0, 1, -move.y);
    case "flip":
      return affine(-1, 0, width - 1, 0, 1, 0);
    case "turn":
      if (move.quarters === 1) return affine(0, -1, width - 1, 1, 0, 0);
      if (move.quarters === 2) return affine(-1, 0, width - 1, 0, -1, height - 1);
      return affine(0, 1, 0, -1, 0, height - 1);
    case "rotate": {
      const angle = (move.degrees * Math.PI) / 180;
      return aboutCentre(Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle), width, height);
    }
    case "zoom": {
      // Half a pixel, because the part in view ends at the edges of pixels, not at their centres.
      const across = (start: number, length: number, factor: number) => start * (length - length / factor) + 0.5 / factor - 0.5;
      return affine(1 / move.x, 0, across(move.across, width, move.x), 0, 1 / move.y, across(move.down, height, move.y));
    }
    case "resize": {
      const [x, y] = [width / move.width, height / move.height];
      return affine(x, 0, 0.5 * x - 0.5, 0, y, 0.5 * y - 0.5);
    }
    case "shear":
      return affine(1, move.x, 0.5 * move.x, move.y, 1, 0.5 * move.y);
    case "perspective":
      return tilt(move.x, move.y, width, height);
  }
}

function affine(a: number, b: number, c: number, d: number, e: number, f: number): Projection {
  return [a, b, c, d, e, f, 0, 0, 1];
}

function aboutCentre(a: number, b: number, d: number, e: number, width: number, height: number): Projection {
  const x = (width - 1) / 2;
  const y = (height - 1) / 2;
  return affine(a, b, x - a * x - b * y, d, e, y - d * x - e * y);
}

// fastai 2's Warp: the corners of the unit square go to a quadrilateral (Heckbert 1989); the way back is the inverse.
function tilt(x: number, y: number, width: number, height: number): Projection {
  const forth = unitSquareTo([-y / 2, -x / 2], [1 + y / 2, x / 2], [1 - y / 2, 1 - x / 2], [y / 2, 1 + x / 2]);
  const toUnit: Projection = affine(1 / width, 0, 0.5 / width, 0, 1 / height, 0.5 / height);
  const toPixels: Projection = affine(width, 0, -0.5, 0, height, -0.5);
  const map = compose(toPixels, compose(inverse(forth), toUnit));
  const [, , , , , , g, h, i] = map;
  const middle = (g * (width - 1)) / 2 + (h * (height - 1)) / 2 + i;
  return map.map((value) => value / middle) as unknown as Projection;
}

type Point = readonly [number, number];

function unitSquareTo([x0, y0]: Point, [x1, y1]: Point, [x2, y2]: Point, [x3, y3]: Point): Projection {
  const [dx1, dx2, sx] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, sy] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const area = dx1 * dy2 - dx2 * dy1;
  const g = (sx * dy2 - dx2 * sy) / area;
  const h = (dx1 * sy - sx * dy1) / area;
  return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1];
}

// Up to a factor, which a projection does not see.
function inverse([a, b, c, d, e, f, g, h, i]: Projection): Projection {
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
}
