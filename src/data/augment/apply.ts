// From a decoded image to the pixels that a network sees: one antialiased scaling of what is needed, and usually one more interpolation.

import type { RgbImage } from "../decode/image.ts";
import { type Box, extended } from "../pixels/box.ts";
import { isTranslation } from "../pixels/projection.ts";
import { resize } from "../pixels/resample.ts";
import { regionRead, warp } from "../pixels/warp.ts";
import type { DrawnTransform } from "./draw.ts";
import { type RenderPass, renderPasses } from "./render-passes.ts";
import { changeColours, changeLocally, reachOf } from "./steps.ts";
import type { TransformSpec } from "./transforms.ts";

/** Applies what was drawn for `image`; returns [size, size, 3]. Equal images and draws give equal pixels on every platform. */
export function applyTransform(image: RgbImage, { size }: Pick<TransformSpec, "size">, drawn: DrawnTransform): Uint8Array {
  const work: Work[] = [];
  let region: Box = { left: 0, top: 0, width: size, height: size };
  // From the result back to the picture: what each pass must give for the one after it to work on.
  for (const pass of [...renderPasses(drawn.steps, drawn.width, drawn.height)].reverse()) {
    const window = region;
    const moved = pass.local ? extended(window, reachOf(pass.local), pass.after.width, pass.after.height) : window;
    region = regionBefore(pass, moved);
    work.unshift({ pass, window, moved, region });
  }
  let part = resize(image, drawn.width, drawn.height, region, drawn.source);
  // A copy if nothing was scaled, because the image must not change.
  if (part.data.buffer === image.data.buffer) part = { ...part, data: part.data.slice() };
  for (const each of work) part = runPass(part, each);
  return part.data;
}

/** What a pass reads (`region`), what its movement must give (`moved`), and what the pass as a whole must give (`window`). */
interface Work {
  readonly pass: RenderPass;
  readonly window: Box;
  readonly moved: Box;
  readonly region: Box;
}

function regionBefore({ map, border, before: { width, height } }: RenderPass, window: Box): Box {
  const [, , c, , , f] = map;
  const [left, top] = [window.left + c, window.top + f];
  const inside = left >= 0 && top >= 0 && left + window.width <= width && top + window.height <= height;
  if (isTranslation(map) && Number.isInteger(c) && Number.isInteger(f) && inside) return { ...window, left, top };
  return regionRead(map, window, width, height, border);
}

function runPass(part: RgbImage, { pass: { map, border, before, after, colours, local }, window, moved, region }: Work): RgbImage {
  const [, , c, , , f] = map;
  const inPlace = isTranslation(map) && region.left === moved.left + c && region.top === moved.top + f;
  const same = inPlace && region.width === moved.width && region.height === moved.height;
  const image = same ? part : warp(part, region, map, moved, before.width, before.height, border);
  for (const step of colours) changeColours(image.data, step);
  return local ? changeLocally({ image, region: moved, ...after }, window, local) : image;
}
