// Each step against torchvision's, PyTorch's, OpenCV's and fastai's numbers, made by test/reference/make_augment.py.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { RgbImage } from "../decode/image.ts";
import { applyTransform } from "./apply.ts";
import type { Step } from "./steps.ts";

interface Reference {
  width: number;
  height: number;
  cases: { step: Step; data: string }[];
}
const { width, height, cases } = JSON.parse(
  readFileSync(new URL("../../../test/reference/augment.json", import.meta.url), "utf8"),
) as Reference;

function ramps(): RgbImage {
  const data = new Uint8ClampedArray(width * height * 3);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) data[to++] = Math.abs(((x * (9 - 2 * c) + y * (4 + 3 * c) + c * 90) % 256) - 128) * 2;
  return { width, height, data: new Uint8Array(data.buffer) };
}

/** The picture in the top left corner of the square result. */
function topLeft(pixels: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) result.set(pixels.subarray(y * size * 3, (y * size + width) * 3), y * width * 3);
  return result;
}

// The share of values that may be off by one: values halfway between two integers, which the rounding of positions to 1/2048 of a pixel can move
// either way.
const SHARE: Partial<Record<Step["kind"], number>> = { blur: 0.2, shear: 0.2, rotate: 0.05, perspective: 0.05, brightness: 0.05 };

test.each(cases.map((each) => [JSON.stringify(each.step), each] as const))("%s gives the reference's pixels", (_, { step, data }) => {
  const image = ramps();
  const size = Math.max(width, height);
  const crop: Step = { kind: "crop", left: 0, top: 0, size, border: "zero" };
  // The empty holes end the stage: only the canvas of the step itself counts, not the square's.
  const steps: Step[] = [step, { kind: "holes", boxes: [] }, crop];
  const drawn = { source: { left: 0, top: 0, width, height }, width, height, steps };
  const pixels = topLeft(applyTransform(image, { size }, drawn), size);
  const wanted = Buffer.from(data, "base64");
  const off = pixels.map((value, i) => Math.abs(value - wanted[i]!));
  expect(Math.max(...off)).toBeLessThanOrEqual(1);
  expect(off.filter((value) => value > 0).length / off.length).toBeLessThanOrEqual(SHARE[step.kind] ?? 0);
});
