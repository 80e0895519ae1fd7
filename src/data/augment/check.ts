// Refuses augmentations with numbers that cannot be, before any image is read.

import { expected } from "../../core/errors.ts";
import type { AugmentSpec, Range } from "./specs.ts";

/** Throws a UsageError that names the first number of `spec` that is out of its range. */
export function checkAugment(spec: AugmentSpec): void {
  const name = (field: string) => `${field} of "${spec.kind}"`;
  const within = (field: string, value: number, low: number, high: number) => {
    if (!(value >= low && value <= high)) throw expected(`a number from ${low} to ${high}`, name(field), value);
  };
  const whole = (field: string, value: number, low: number, high: number) => {
    if (!(Number.isInteger(value) && value >= low && value <= high))
      throw expected(`a whole number from ${low} to ${high}`, name(field), value);
  };
  const range = (field: string, [from, to]: Range, low: number, high: number) => {
    if (!(from >= low && to <= high && from <= to))
      throw expected(`two numbers from ${low} to ${high}, the smaller first`, name(field), [from, to]);
  };
  if ("p" in spec && spec.p !== undefined) within("p", spec.p, 0, 1);
  switch (spec.kind) {
    case "rotate":
      within("degrees", spec.degrees, 0, 180);
      break;
    case "lighting":
      within("brightness", spec.brightness, 0, 1);
      within("contrast", spec.contrast, 0, 10);
      break;
    case "rotateZoom":
      within("degrees", spec.degrees, 0, 180);
      within("zoom", spec.zoom, 0, 10);
      within("stretch", spec.stretch, 0, 10);
      if (!(spec.ps.length === 4 && spec.ps.every((p) => p >= 0) && Math.abs(spec.ps.reduce((sum, p) => sum + p, 0) - 1) < 1e-6))
        throw expected("four probabilities that add up to 1", name("ps"), spec.ps);
      break;
    case "zoom":
      range("min and max", [spec.min ?? 0, spec.max], 0, 10);
      break;
    case "stretch":
      within("max", spec.max, 0, 10);
      break;
    case "pad":
      whole("pixels", spec.pixels, 0, 4096);
      break;
    case "blur":
      if (spec.strengths.length === 0) throw expected("at least one number", name("strengths"), spec.strengths);
      for (const strength of spec.strengths) whole("strengths", strength, 1, 64);
      break;
    case "cutout":
      whole("holes", spec.holes, 0, 1000);
      whole("length", spec.length, 0, 4096);
      break;
    case "perspective":
      // Tilted further, the horizon would come far into view.
      within("magnitude", spec.magnitude, 0, 0.4);
      break;
    case "brightness":
    case "contrast":
      within("max", spec.max, 0, spec.scale === "logit" ? 0.99 : 1);
      break;
    case "saturation":
      within("max", spec.max, 0, 1);
      break;
    case "hue":
      within("max", spec.max, 0, 0.5);
      break;
    case "erase":
      range("scale", spec.scale, 0, 1);
      range("ratio", spec.ratio, 0.01, 100);
      if (spec.fill !== "noise") for (const value of spec.fill) within("fill", value, 0, 255);
      break;
    case "randAugment":
      whole("count", spec.count, 0, 14);
      whole("magnitude", spec.magnitude, 0, 30);
      break;
    default:
  }
}
