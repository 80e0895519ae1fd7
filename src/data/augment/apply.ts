// From a decoded image to the pixels that a network sees: one antialiased scaling of what is needed, and mostly one interpolation more.

import type { RgbImage } from "../decode/image.ts";
import { type Box, resize } from "../pixels/resample.ts";
import { regionRead, warp } from "../pixels/warp.ts";
import { changeColours } from "./colour.ts";
import type { DrawnTransform } from "./draw.ts";
import { isAffine } from "./geometry.ts";
import { changeLocally, reachOf, widened } from "./local.ts";
import { type Stage, stagesOf } from "./stages.ts";
import type { TransformSpec } from "./transforms.ts";

/** Applies what was drawn for `image`; returns [size, size, 3]. Equal images and draws give equal pixels on every platform. */
export function applyTransform(image: RgbImage, { size }: Pick<TransformSpec, "size">, drawn: DrawnTransform): Uint8Array {
  const work: Work[] = [];
  let region: Box = { left: 0, top: 0, width: size, height: size };
  // From the result back to the picture: what each stage must give for the one after it to work on.
  for (const stage of [...stagesOf(drawn.steps, drawn.width, drawn.height)].reverse()) {
    const window = region;
    const moved = stage.local ? widened(window, reachOf(stage.local), stage.toWidth, stage.toHeight) : window;
    region = regionBefore(stage, moved);
    work.unshift({ stage, window, moved, region });
  }
  let part = resize(image, drawn.width, drawn.height, region, drawn.source);
  // A copy where nothing was scaled, because the image must stay as it is.
  if (part.data.buffer === image.data.buffer) part = { ...part, data: part.data.slice() };
  for (const each of work) part = runStage(part, each);
  return part.data;
}

/** What a stage reads (`region`), what its movement must give (`moved`), and what the stage as a whole must give (`window`). */
interface Work {
  readonly stage: Stage;
  readonly window: Box;
  readonly moved: Box;
  readonly region: Box;
}

function regionBefore({ map, border, width, height }: Stage, window: Box): Box {
  const [a, b, c, d, e, f] = map;
  const upright = isAffine(map) && a === 1 && b === 0 && d === 0 && e === 1 && Number.isInteger(c) && Number.isInteger(f);
  const [left, top] = [window.left + c, window.top + f];
  if (upright && left >= 0 && top >= 0 && left + window.width <= width && top + window.height <= height) return { ...window, left, top };
  return regionRead(map, window, width, height, border);
}

function runStage(before: RgbImage, { stage, window, moved, region }: Work): RgbImage {
  const [a, b, c, d, e, f] = stage.map;
  const inPlace =
    isAffine(stage.map) && a === 1 && b === 0 && d === 0 && e === 1 && region.left === moved.left + c && region.top === moved.top + f;
  const same = inPlace && region.width === moved.width && region.height === moved.height;
  const part = same ? before : warp(before, region, stage.map, moved, stage.width, stage.height, stage.border);
  for (const step of stage.colours) changeColours(part.data, step);
  return stage.local ? changeLocally(part, moved, window, stage.local, stage.toWidth, stage.toHeight) : part;
}
