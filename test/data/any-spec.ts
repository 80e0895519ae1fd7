// Any transform that tfmsFromModel accepts, for fast-check.

import fc from "fast-check";
import type { AugmentSpec, Border, Interval, TransformOptions } from "../../src/index.ts";

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const whole = (min: number, max: number) => fc.integer({ min, max });
const p = number(0, 1);
const mode = fc.constantFrom<Border>("reflect", "edge", "zero");
const range = (min: number, max: number): fc.Arbitrary<Interval> =>
  fc.tuple(number(min, max), number(min, max)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const scale = fc.constantFrom<"linear" | "logit">("linear", "logit");
const ps = fc
  .constantFrom<[number, number, number, number]>([0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0], [0, 0, 1, 0])
  .map((values) => values as readonly [number, number, number, number]);
const fill = fc.oneof(fc.constant("noise" as const), fc.tuple(whole(0, 255), whole(0, 255), whole(0, 255)));

/** Any augmentation of each kind. */
export const augmentOf: { readonly [Kind in AugmentSpec["kind"]]: fc.Arbitrary<Extract<AugmentSpec, { kind: Kind }>> } = {
  rotate: fc.record({ kind: fc.constant("rotate" as const), degrees: number(0, 180), p, mode }),
  lighting: fc.record({ kind: fc.constant("lighting" as const), brightness: number(0, 1), contrast: number(0, 10) }),
  flip: fc.record({ kind: fc.constant("flip" as const), p }),
  dihedral: fc.record({ kind: fc.constant("dihedral" as const), p }),
  rotateZoom: fc.record({
    kind: fc.constant("rotateZoom" as const),
    degrees: number(0, 180),
    zoom: number(0, 10),
    stretch: number(0, 10),
    ps,
    mode,
  }),
  zoom: fc.record({ kind: fc.constant("zoom" as const), min: fc.constant(0), max: number(0, 10), p, anywhere: fc.boolean() }),
  stretch: fc.record({ kind: fc.constant("stretch" as const), max: number(0, 10), p }),
  pad: fc.record({ kind: fc.constant("pad" as const), pixels: whole(0, 50), mode }),
  blur: fc.record({ kind: fc.constant("blur" as const), strengths: fc.array(whole(1, 12), { minLength: 1, maxLength: 3 }), p }),
  cutout: fc.record({ kind: fc.constant("cutout" as const), holes: whole(0, 5), length: whole(0, 300), p }),
  perspective: fc.record({ kind: fc.constant("perspective" as const), magnitude: number(0, 0.4), p, mode }),
  brightness: fc.record({ kind: fc.constant("brightness" as const), max: number(0, 0.99), p, scale }),
  contrast: fc.record({ kind: fc.constant("contrast" as const), max: number(0, 0.99), p, scale }),
  saturation: fc.record({ kind: fc.constant("saturation" as const), max: number(0, 1), p }),
  hue: fc.record({ kind: fc.constant("hue" as const), max: number(0, 0.5), p }),
  erase: fc.record({ kind: fc.constant("erase" as const), p, scale: range(0, 1), ratio: range(0.01, 100), fill }),
  trivialAugment: fc.record({ kind: fc.constant("trivialAugment" as const), mode }),
  randAugment: fc.record({ kind: fc.constant("randAugment" as const), count: whole(0, 6), magnitude: whole(0, 30), mode }),
};

/** Any augmentation. */
export const anyAugment: fc.Arbitrary<AugmentSpec> = fc.oneof(...Object.values(augmentOf));

/** The options of tfmsFromModel, and a size from 1 to 40 pixels. */
export const anySpec: fc.Arbitrary<TransformOptions & { size: number }> = fc.record(
  {
    size: whole(1, 40),
    crop: fc.constantFrom("random" as const, "center" as const, "none" as const, "googlenet" as const, "resized" as const),
    maxZoom: fc.oneof(number(1, 3), range(0.1, 3)),
    pad: whole(0, 30),
    padMode: mode,
    cropScale: range(0.0001, 1),
    cropRatio: range(0.01, 100),
    augTfms: fc.array(anyAugment, { maxLength: 5 }),
  },
  { requiredKeys: ["size"] },
);
