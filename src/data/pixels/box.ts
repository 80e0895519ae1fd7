// Rectangles of pixels.

/** A rectangle of pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** `box` extended by `reach` on all sides, clipped to a canvas of `width` by `height`. */
export function extended(box: Box, reach: number, width: number, height: number): Box {
  const left = Math.max(0, box.left - reach);
  const top = Math.max(0, box.top - reach);
  return {
    left,
    top,
    width: Math.min(width, box.left + box.width + reach) - left,
    height: Math.min(height, box.top + box.height + reach) - top,
  };
}

/** What two boxes have in common; width or height is 0 or less if they do not overlap. */
export function intersection(a: Box, b: Box): Box {
  const left = Math.max(a.left, b.left);
  const top = Math.max(a.top, b.top);
  return {
    left,
    top,
    width: Math.min(a.left + a.width, b.left + b.width) - left,
    height: Math.min(a.top + a.height, b.top + b.height) - top,
  };
}
