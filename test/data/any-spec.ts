// Any transform that tfmsFromModel accepts, for fast-check.

import fc from "fast-check";
import type { AugmentSpec, Border, Range, TransformOptions } from "../../src/index.ts";

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const whole = (min: number, max: number) => fc.integer({ min, max });
const p = number(0, 1);
const mode = fc.constantFrom<Border>("reflect", "edge", "zero");
const range = (min: number, max: number): fc.Arbitrary<Range> =>
  fc.tuple(number(min, max), number(min, max)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const scale = fc.constantFrom<"linear" | "logit">("linear", "logit");
const ps = fc
  .constantFrom<[number, number, number, number]>([0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0], [0, 0, 1, 0])
  .map((values) => values as readonly [number, number, number, number]);
const fill = fc.oneof(fc.constant("noise" as const), fc.tuple(whole(0, 255), whole(0, 255), whole(0, 255)));

const kind = <Kind extends AugmentSpec["kind"]>(name: Kind) => fc.constant(name);

/** Any augmentation. */
export const anyAugment: fc.Arbitrary<AugmentSpec> = fc.oneof(
  fc.record({ kind: kind("rotate"), degrees: number(0, 180), p, mode }),
  fc.record({ kind: kind("lighting"), brightness: number(0, 1), contrast: number(0, 10) }),
  fc.record({ kind: kind("flip"), p }),
  fc.record({ kind: kind("dihedral"), p }),
  fc.record({ kind: kind("rotateZoom"), degrees: number(0, 180), zoom: number(0, 10), stretch: number(0, 10), ps, mode }),
  fc.record({ kind: kind("zoom"), min: fc.constant(0), max: number(0, 10), p, anywhere: fc.boolean() }),
  fc.record({ kind: kind("stretch"), max: number(0, 10), p }),
  fc.record({ kind: kind("pad"), pixels: whole(0, 50), mode }),
  fc.record({ kind: kind("blur"), strengths: fc.array(whole(1, 12), { minLength: 1, maxLength: 3 }), p }),
  fc.record({ kind: kind("cutout"), holes: whole(0, 5), length: whole(0, 300), p }),
  fc.record({ kind: kind("perspective"), magnitude: number(0, 0.4), p, mode }),
  fc.record({ kind: kind("brightness"), max: number(0, 0.99), p, scale }),
  fc.record({ kind: kind("contrast"), max: number(0, 0.99), p, scale }),
  fc.record({ kind: kind("saturation"), max: number(0, 1), p }),
  fc.record({ kind: kind("hue"), max: number(0, 0.5), p }),
  fc.record({ kind: kind("erase"), p, scale: range(0, 1), ratio: range(0.01, 100), fill }),
  fc.record({ kind: kind("trivialAugment"), mode }),
  fc.record({ kind: kind("randAugment"), count: whole(0, 6), magnitude: whole(0, 30), mode }),
);

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
