// Projective maps of the plane. The maps of several movements multiply to one.

/**
 * The map from an output pixel (x, y) back to its source, with integer coordinates at pixel centres: ((a·x + b·y + c)/w, (d·x + e·y + f)/w)
 * with w = g·x + h·y + i, as [a, b, c, d, e, f, g, h, i].
 */
export type Projection = readonly [number, number, number, number, number, number, number, number, number];

export const IDENTITY: Projection = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** The map that applies `inner`, then `outer`. */
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

/** Whether the map has no perspective. */
export function isAffine([, , , , , , g, h, i]: Projection): boolean {
  return g === 0 && h === 0 && i === 1;
}

/** Whether the map only shifts. */
export function isTranslation(map: Projection): boolean {
  const [a, b, , d, e] = map;
  return isAffine(map) && a === 1 && b === 0 && d === 0 && e === 1;
}

/** (a·x + b·y + c, d·x + e·y + f). */
export function affine(a: number, b: number, c: number, d: number, e: number, f: number): Projection {
  return [a, b, c, d, e, f, 0, 0, 1];
}

/** The linear map [[a, b], [d, e]] about the centre of a canvas of `width` by `height`. */
export function aboutCentre(a: number, b: number, d: number, e: number, width: number, height: number): Projection {
  const x = (width - 1) / 2;
  const y = (height - 1) / 2;
  return affine(a, b, x - a * x - b * y, d, e, y - d * x - e * y);
}

type Point = readonly [x: number, y: number];

/**
 * The map that warps a canvas of `width` by `height`: the corners of the unit square, (0, 0), (1, 0), (1, 1) and (0, 1), move to those given
 * (Heckbert 1989).
 */
export function quadrilateral(corners: readonly [Point, Point, Point, Point], width: number, height: number): Projection {
  const toUnit = affine(1 / width, 0, 0.5 / width, 0, 1 / height, 0.5 / height);
  const toPixels = affine(width, 0, -0.5, 0, height, -0.5);
  const map = compose(toPixels, compose(inverse(unitSquareTo(...corners)), toUnit));
  const [, , , , , , g, h, i] = map;
  const middle = (g * (width - 1)) / 2 + (h * (height - 1)) / 2 + i;
  return map.map((value) => value / middle) as unknown as Projection;
}

function unitSquareTo([x0, y0]: Point, [x1, y1]: Point, [x2, y2]: Point, [x3, y3]: Point): Projection {
  const [dx1, dx2, sx] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, sy] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const area = dx1 * dy2 - dx2 * dy1;
  const g = (sx * dy2 - dx2 * sy) / area;
  const h = (dx1 * sy - sx * dy1) / area;
  return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1];
}

// The adjugate: a factor makes no difference to a projection.
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
