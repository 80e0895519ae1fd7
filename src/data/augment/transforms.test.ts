// Transforms with numbers out of range are refused before any image is read.

import { expect, test } from "vitest";
import {
  type AugmentSpec,
  cutout,
  randAugment,
  randomBlur,
  randomErasing,
  randomHue,
  randomPerspective,
  randomRotate,
  randomRotateZoom,
  trivialAugment,
} from "./augmentations.ts";
import { augTransforms } from "./presets.ts";
import { tfmsFromModel, tfmsFromStats } from "./transforms.ts";

const network = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

test.each([
  [randomRotate(200), 'Expected a number from 0 to 180 for degrees of "rotate" but received 200'],
  [randomRotate(10, { p: 2 }), 'Expected a number from 0 to 1 for p of "rotate" but received 2'],
  [randomRotate(Number.NaN), 'Expected a number from 0 to 180 for degrees of "rotate" but received null'],
  [
    randomRotateZoom(1, 1, 1, { ps: [1, 1, 1, 1] }),
    'Expected four probabilities that add up to 1 for ps of "rotateZoom" but received [1,1,1,1]',
  ],
  [randomBlur([]), 'Expected at least one number for strengths of "blur" but received []'],
  [randomBlur(0), 'Expected a whole number from 1 to 64 for strengths of "blur" but received 0'],
  [cutout(1, 2.5), 'Expected a whole number from 0 to 4096 for length of "cutout" but received 2.5'],
  [randomPerspective(0.5), 'Expected a number from 0 to 0.4 for magnitude of "perspective" but received 0.5'],
  [randomHue(0.6), 'Expected a number from 0 to 0.5 for max of "hue" but received 0.6'],
  [randomErasing({ scale: [0.5, 0.1] }), 'Expected two numbers from 0 to 1, the smaller first for scale of "erase" but received [0.5,0.1]'],
  [randAugment({ magnitude: 31 }), 'Expected a whole number from 0 to 30 for magnitude of "randAugment" but received 31'],
] as const)("%j is refused", (augment, message) => {
  expect(() => tfmsFromModel(network, 224, { augTfms: [augment] })).toThrow(message);
});

test("an augmentation of a kind that does not exist is refused", () => {
  const augTfms = [{ kind: "wobble" } as unknown as AugmentSpec];
  expect(() => tfmsFromModel(network, 224, { augTfms })).toThrow(
    /^Expected one of rotate, .* for the kind of an augmentation but received "wobble"$/,
  );
});

test.each([
  [
    "an upside-down range of zooms",
    () => tfmsFromModel(network, 8, { maxZoom: [1.2, 1] }),
    "the smaller first for maxZoom but received [1.2,1]",
  ],
  ["a part larger than the image", () => tfmsFromModel(network, 8, { cropScale: [0.5, 1.5] }), "for cropScale but received [0.5,1.5]"],
  ["a proportion of 0", () => tfmsFromModel(network, 8, { cropRatio: [0, 1] }), "for cropRatio but received [0,1]"],
  [
    "a deviation of 0",
    () => tfmsFromStats({ mean: [0, 0, 0], std: [1, 0, 1] }, 8),
    "Expected 3 numbers above 0 for std but received [1,0,1]",
  ],
  [
    "a mean that is not a number",
    () => tfmsFromStats({ mean: [0, Number.NaN, 0], std: [1, 1, 1] }, 8),
    "Expected a number for each channel for mean but received [0,null,0]",
  ],
])("%s is refused", (_, make, message) => {
  expect(make).toThrow(message);
});

test("what the functions make by default is accepted", () => {
  const augTfms = [...augTransforms(), randomRotateZoom(10, 0.1, 0.1), randomBlur(), randomErasing(), trivialAugment(), randAugment()];
  expect(tfmsFromModel(network, 224, { augTfms }).train.augment).toEqual(augTfms);
});

test("given statistics are used as they are, and null normalises nothing", () => {
  const own = { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] } as const;
  expect(tfmsFromStats(own, 64)).toEqual(tfmsFromModel(own, 64));
  expect(tfmsFromStats(null, 64)).toMatchObject({ mean: [0, 0, 0], std: [1, 1, 1] });
});

test("validation is cropped in the middle, or squashed if training is, with a reflected border and no augmentation", () => {
  const options = { augTfms: augTransforms(), maxZoom: 1.1, pad: 4, padMode: "zero" } as const;
  for (const crop of ["random", "center", "googlenet", "resized"] as const)
    expect(tfmsFromModel(network, 64, { ...options, crop }).valid).toEqual({ size: 64, crop: "center", pad: 4, augment: [] });
  expect(tfmsFromModel(network, 64, { ...options, crop: "none" }).valid).toEqual({ size: 64, crop: "none", pad: 4, augment: [] });
});
