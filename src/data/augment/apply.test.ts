// What transforms do to pixels, checked by hand and by symmetries.

import fc from "fast-check";
import { expect, test } from "vitest";
import { anySpec } from "../../../test/data/any-spec.ts";
import { randomStream } from "../../core/random.ts";
import type { RgbImage } from "../decode/image.ts";
import { resize } from "../pixels/resample.ts";
import { applyTransform } from "./apply.ts";
import type { AugmentSpec } from "./augmentations.ts";
import { type DrawnTransform, drawAugmentation } from "./draw.ts";
import type { Step } from "./steps.ts";
import { tfmsFromModel } from "./transforms.ts";

const network = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** A smooth picture, so that interpolating twice or at a slightly other place changes little. */
function scene(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[to++] = 128 + 100 * Math.sin(x / 9) * Math.cos(y / 11);
      data[to++] = (255 * x) / width;
      data[to++] = (255 * y) / height;
    }
  }
  return { width, height, data };
}

/** An image whose red counts the pixels from 0, so that each can be found again. */
function numbered(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data[i * 3] = i;
  return { width, height, data };
}

const reds = (pixels: Uint8Array) => [...pixels].filter((_, index) => index % 3 === 0);

/** `steps` on an unscaled image, and then the square of `size` pixels at (left, top). */
function transformed(image: RgbImage, steps: readonly Step[], size: number, left = 0, top = 0): Uint8Array {
  const { width, height } = image;
  const crop: Step = { kind: "crop", left, top, size, border: "reflect" };
  const drawn: DrawnTransform = { source: { left: 0, top: 0, width, height }, width, height, steps: [...steps, crop] };
  return applyTransform(image, { size }, drawn);
}

const rotate = (degrees: number): Step => ({ kind: "rotate", degrees, border: "reflect" });
const largest = (values: Uint8Array, others: Uint8Array) => Math.max(...values.map((value, i) => Math.abs(value - others[i]!)));

test("a mirror image is exact", () => {
  expect(reds(transformed(numbered(3, 3), [{ kind: "flip" }], 3))).toEqual([2, 1, 0, 5, 4, 3, 8, 7, 6]);
});

test.each([
  [1, [2, 5, 8, 1, 4, 7, 0, 3, 6]],
  [2, [8, 7, 6, 5, 4, 3, 2, 1, 0]],
  [3, [6, 3, 0, 7, 4, 1, 8, 5, 2]],
])("%i quarter turns to the left are exact", (quarters, pixels) => {
  expect(reds(transformed(numbered(3, 3), [{ kind: "turn", quarters }], 3))).toEqual(pixels);
});

test("a turn of a wide image leaves a high one, of which the crop is taken", () => {
  expect(reds(transformed(numbered(4, 2), [{ kind: "turn", quarters: 1 }], 2, 0, 2))).toEqual([1, 5, 0, 4]);
});

test("a turn by 90 degrees is a quarter turn to the left", () => {
  const image = scene(64, 64);
  expect(largest(transformed(image, [rotate(90)], 64), transformed(image, [{ kind: "turn", quarters: 1 }], 64))).toBeLessThanOrEqual(1);
});

test("turning there and back returns the picture, because consecutive movements are one", () => {
  const image = scene(120, 100);
  expect(largest(transformed(image, [rotate(8), rotate(-8)], 60), transformed(image, [], 60))).toBeLessThanOrEqual(1);
});

test.each([
  ["reflect", [4, 3, 3, 4, 5, 5, 4], [1, 0, 0, 1, 2, 2, 1]],
  ["edge", [0, 0, 0, 1, 2, 2, 2], [0, 0, 0, 1, 2, 2, 2]],
  ["zero", [0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 2, 0, 0]],
] as const)('a border of mode "%s" shows what it says', (border, first, third) => {
  const padded = transformed(numbered(3, 3), [{ kind: "pad", pixels: 2, border }], 7);
  expect(reds(padded).slice(0, 7)).toEqual(first);
  expect(reds(padded).slice(14, 21)).toEqual(third);
});

test("the corners that a turn uncovers are filled with the picture's reflection, not with black", () => {
  const image: RgbImage = { width: 80, height: 60, data: new Uint8Array(80 * 60 * 3).fill(200) };
  expect(new Set(transformed(image, [rotate(10)], 60, 20))).toEqual(new Set([200]));
});

test("a black border stays black if the picture is turned after it, or its light changed before it", () => {
  const image: RgbImage = { width: 20, height: 20, data: new Uint8Array(1200).fill(100) };
  const steps: Step[] = [
    { kind: "brightness", factor: 2 },
    { kind: "light", brightness: 0.2, contrast: 1 },
  ];
  const padded = transformed(image, [...steps, { kind: "pad", pixels: 4, border: "zero" }], 28);
  expect(reds(padded).slice(0, 28)).toEqual(new Array(28).fill(0));
  expect(padded[(4 * 28 + 4) * 3]).toBe(251);
  const turned = transformed(image, [{ kind: "pad", pixels: 4, border: "zero" }, rotate(90)], 28);
  expect(reds(turned).slice(0, 28)).toEqual(new Array(28).fill(0));
});

test("zooming in by 2 doubles every distance from the centre", () => {
  const image = scene(81, 81);
  const zoomed = transformed(image, [{ kind: "zoom", x: 2, y: 2, across: 0.5, down: 0.5 }], 81);
  const at = (pixels: Uint8Array, x: number, y: number) => pixels[(y * 81 + x) * 3]!;
  for (const [x, y] of [
    [40, 40],
    [20, 40],
    [60, 30],
    [0, 80],
  ] as const)
    expect(at(zoomed, x, y)).toBe(at(image.data, 20 + x / 2, 20 + y / 2));
});

test.each([
  [0, 0, 0],
  [1, 0, 2],
  [0, 1, 8],
  [1, 1, 10],
])("zooming into the part at %d across and %d down shows nothing else", (across, down, value) => {
  const zoomed = transformed(numbered(4, 4), [{ kind: "zoom", x: 2, y: 2, across, down }], 4);
  // The four pixels in view, at the corners of the result, before the border beyond them blends in.
  const [a, b, c, d] = [value, value + 1, value + 4, value + 5];
  expect(reds(zoomed)[5]).toBe(Math.round(a + 0.25 * (b - a) + 0.25 * (c - a)));
  expect(reds(zoomed)[10]).toBe(Math.round(d - 0.25 * (d - c) - 0.25 * (d - b)));
});

test("squashing at the end and seeing the picture in its own proportions before are one map", () => {
  const image = scene(100, 50);
  const { train } = tfmsFromModel(network, 50, { crop: "none", augTfms: [{ kind: "flip", p: 1 }] });
  const flipped = applyTransform(image, train, drawAugmentation(train, 100, 50, randomStream(1)));
  const straight = resize(image, 50, 50).data;
  const mirrored = reds(straight).map((_, i) => straight[(Math.floor(i / 50) * 50 + 49 - (i % 50)) * 3]);
  expect(reds(flipped)).toEqual(mirrored);
});

test("what comes after a blur is done to the blurred picture: order counts", () => {
  const image = scene(60, 60);
  const blur: Step = { kind: "blur", strength: 5 };
  const zoom: Step = { kind: "zoom", x: 3, y: 3, across: 0.5, down: 0.5 };
  const [first, last] = [transformed(image, [blur, zoom], 60), transformed(image, [zoom, blur], 60)];
  expect(largest(first, last)).toBeGreaterThan(3);
});

test("a square that is cut out turns with the picture after it, and stays upright if it comes last", () => {
  const image: RgbImage = { width: 40, height: 40, data: new Uint8Array(4800).fill(255) };
  const holes: Step = { kind: "holes", boxes: [{ left: 5, top: 5, width: 10, height: 10 }] };
  const black = (pixels: Uint8Array) => reds(pixels).flatMap((value, i) => (value < 128 ? [i] : []));
  expect(black(transformed(image, [{ kind: "turn", quarters: 2 }, holes], 40))[0]).toBe(5 * 40 + 5);
  expect(black(transformed(image, [holes, { kind: "turn", quarters: 2 }], 40))[0]).toBe(25 * 40 + 25);
  expect(reds(transformed(image, [holes, rotate(45)], 40)).filter((value) => value > 0 && value < 255).length).toBeGreaterThan(10);
});

test("light changes before or after a black square as the order says", () => {
  const image: RgbImage = { width: 8, height: 8, data: new Uint8Array(192).fill(100) };
  const holes: Step = { kind: "holes", boxes: [{ left: 0, top: 0, width: 2, height: 2 }] };
  const light: Step = { kind: "light", brightness: 0.2, contrast: 1 };
  expect(transformed(image, [light, holes], 8)[0]).toBe(0);
  expect(transformed(image, [holes, light], 8)[0]).toBe(51);
});

test("an erased rectangle holds its colour, or noise that its seed reproduces", () => {
  const image: RgbImage = { width: 6, height: 6, data: new Uint8Array(108).fill(9) };
  const erase = (fill: Extract<Step, { kind: "erase" }>["fill"]): Step => ({
    kind: "erase",
    box: { left: 1, top: 2, width: 3, height: 2 },
    fill,
  });
  const coloured = transformed(image, [erase([1, 2, 3])], 6);
  expect([...coloured.subarray((2 * 6 + 1) * 3, (2 * 6 + 4) * 3)]).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3]);
  expect(reds(coloured).filter((red) => red === 1)).toHaveLength(6);
  const noisy = transformed(image, [erase({ noise: 5 })], 6);
  expect(noisy).toEqual(transformed(image, [erase({ noise: 5 })], 6));
  expect(noisy).not.toEqual(transformed(image, [erase({ noise: 6 })], 6));
  expect(reds(noisy).filter((red) => red !== 9).length).toBeGreaterThan(3);
});

test("only computing what the crop needs changes nothing: the whole picture, moved and then cropped, is the same", () => {
  const augment: AugmentSpec[] = [
    { kind: "rotate", degrees: 20, p: 0.8 },
    { kind: "dihedral" },
    { kind: "blur", strengths: [2, 4], p: 0.5 },
    { kind: "perspective", magnitude: 0.2, p: 0.5 },
    { kind: "stretch", max: 0.3, p: 0.5 },
  ];
  for (let key = 0; key < 25; key++) {
    const random = randomStream("whole", key);
    const image = scene(random.integer(30, 120), random.integer(30, 120));
    const { train } = tfmsFromModel(network, 32, { augTfms: augment, maxZoom: 1.3, pad: 3 });
    const drawn = drawAugmentation(train, image.width, image.height, random);
    const scaled = resize(image, drawn.width, drawn.height);
    const whole = { ...drawn, source: { left: 0, top: 0, width: drawn.width, height: drawn.height } };
    expect(applyTransform(image, train, drawn)).toEqual(applyTransform(scaled, train, whole));
  }
});

test("brightness adds, contrast stretches about the mean, and both stay within 0 and 255", () => {
  const image: RgbImage = { width: 2, height: 1, data: Uint8Array.of(50, 100, 150, 100, 100, 100) };
  const light = (brightness: number, contrast: number) => [...transformed(image, [{ kind: "light", brightness, contrast }], 1)];
  expect(light(0, 2)).toEqual([0, 100, 200]);
  expect(light(0.2, 1)).toEqual([101, 151, 201]);
  expect(light(0.9, 1)).toEqual([255, 255, 255]);
});

test("the image itself stays as it was", () => {
  const image = scene(32, 32);
  const before = image.data.slice();
  transformed(
    image,
    [
      { kind: "light", brightness: 0.3, contrast: 1 },
      { kind: "holes", boxes: [{ left: 0, top: 0, width: 9, height: 9 }] },
    ],
    32,
  );
  expect(image.data).toEqual(before);
});

test("any transform makes size × size pixels of an image of any shape, and the same again after JSON", { timeout: 120_000 }, () => {
  const shape = fc.oneof(
    fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 })),
    fc.constantFrom([1, 1], [1, 5000], [5000, 1], [3, 4000], [2, 2]),
  );
  fc.assert(
    fc.property(anySpec, shape, fc.integer(), (options, [width, height], key) => {
      const { size, ...rest } = options;
      const { train, valid } = tfmsFromModel(network, size, rest);
      const image = scene(width!, height!);
      for (const spec of [train, valid]) {
        const drawn = drawAugmentation(spec, width!, height!, randomStream(key));
        const pixels = applyTransform(image, spec, drawn);
        expect(pixels).toHaveLength(size * size * 3);
        expect(applyTransform(image, spec, JSON.parse(JSON.stringify(drawn)))).toEqual(pixels);
        expect(drawAugmentation(JSON.parse(JSON.stringify(spec)), width!, height!, randomStream(key))).toEqual(drawn);
      }
    }),
    { numRuns: 150 },
  );
});

test("no transform reads beyond the picture: a white one stays white wherever it is not blackened or turned dark", () => {
  fc.assert(
    fc.property(anySpec, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), fc.integer(), (options, width, height, key) => {
      const { size, ...rest } = options;
      const safe = (rest.augTfms ?? []).filter(({ kind }) =>
        ["rotate", "flip", "dihedral", "zoom", "stretch", "blur", "rotateZoom"].includes(kind),
      );
      const reflected = safe.map((augment) => ("mode" in augment ? { ...augment, mode: "reflect" as const } : augment));
      const { train } = tfmsFromModel(network, size, { ...rest, padMode: "reflect", augTfms: reflected });
      const white: RgbImage = { width, height, data: new Uint8Array(width * height * 3).fill(255) };
      const pixels = applyTransform(white, train, drawAugmentation(train, width, height, randomStream(key)));
      // A read beyond the data would give undefined, which counts as 0.
      expect(Math.min(...pixels)).toBe(255);
    }),
    { numRuns: 200 },
  );
});

test("a picture a hundred million pixels high and one wide is augmented in a part of it", () => {
  const { train } = tfmsFromModel(network, 224, { augTfms: [{ kind: "rotate", degrees: 30, p: 1 }] });
  const drawn = drawAugmentation(train, 1, 100_000_000, randomStream(1));
  expect(drawn).toMatchObject({ source: { width: 1, height: 16 }, width: 224, height: 16 * 224 });
});
