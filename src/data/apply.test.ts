// What transforms do to pixels, by hand and by the symmetries that they must keep.

import { expect, test } from "vitest";
import { randomStream } from "../core/random.ts";
import { applyTransform } from "./apply.ts";
import { type DrawnTransform, drawAugmentation, type Move } from "./draw.ts";
import type { RgbImage } from "./image.ts";
import { resize } from "./resample.ts";
import { type AugmentSpec, tfmsFromModel } from "./transforms.ts";

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

function drawnFor(image: RgbImage, moves: Move[], rest: Partial<DrawnTransform> = {}): DrawnTransform {
  const { width, height } = image;
  return {
    source: { left: 0, top: 0, width, height },
    width,
    height,
    moves,
    left: 0,
    top: 0,
    brightness: 0,
    contrast: 1,
    holes: [],
    ...rest,
  };
}

const square = (size: number) => tfmsFromModel(network, size).train;

test("a mirror image is exact", () => {
  const image = numbered(3, 3);
  expect(reds(applyTransform(image, square(3), drawnFor(image, [{ kind: "flip" }])))).toEqual([2, 1, 0, 5, 4, 3, 8, 7, 6]);
});

test.each([
  [1, [2, 5, 8, 1, 4, 7, 0, 3, 6]],
  [2, [8, 7, 6, 5, 4, 3, 2, 1, 0]],
  [3, [6, 3, 0, 7, 4, 1, 8, 5, 2]],
])("%i quarter turns to the left are exact", (quarters, pixels) => {
  const image = numbered(3, 3);
  expect(reds(applyTransform(image, square(3), drawnFor(image, [{ kind: "turn", quarters }])))).toEqual(pixels);
});

test("a turn of a wide image leaves a high one, of which the crop is taken", () => {
  const image = numbered(4, 2);
  const turned = applyTransform(image, square(2), drawnFor(image, [{ kind: "turn", quarters: 1 }], { top: 2 }));
  expect(reds(turned)).toEqual([1, 5, 0, 4]);
});

test("a turn by 90 degrees is a quarter turn to the left", () => {
  const image = scene(64, 64);
  const rotated = applyTransform(image, square(64), drawnFor(image, [{ kind: "rotate", degrees: 90 }]));
  const turned = applyTransform(image, square(64), drawnFor(image, [{ kind: "turn", quarters: 1 }]));
  expect(Math.max(...rotated.map((value, index) => Math.abs(value - turned[index]!)))).toBeLessThanOrEqual(1);
});

test("turning there and back returns the middle of the picture", () => {
  const image = scene(120, 100);
  const moves: Move[] = [
    { kind: "rotate", degrees: 8 },
    { kind: "rotate", degrees: -8 },
  ];
  const rest = { left: 30, top: 20 };
  const back = applyTransform(image, square(60), drawnFor(image, moves, rest));
  const still = applyTransform(image, square(60), drawnFor(image, [], rest));
  expect(Math.max(...back.map((value, index) => Math.abs(value - still[index]!)))).toBeLessThanOrEqual(1);
});

test("a border is the reflection of the picture at its edge", () => {
  const image = numbered(3, 3);
  const padded = applyTransform(image, square(7), drawnFor(image, [{ kind: "pad", pixels: 2 }]));
  expect(reds(padded).slice(0, 7)).toEqual([4, 3, 3, 4, 5, 5, 4]);
  expect(reds(padded).slice(14, 21)).toEqual([1, 0, 0, 1, 2, 2, 1]);
});

test("the corners that a turn uncovers are filled with the picture's reflection, not with black", () => {
  const image: RgbImage = { width: 80, height: 60, data: new Uint8Array(80 * 60 * 3).fill(200) };
  expect(new Set(applyTransform(image, square(60), drawnFor(image, [{ kind: "rotate", degrees: 10 }], { left: 20 })))).toEqual(
    new Set([200]),
  );
});

test("zooming in by 2 doubles every distance from the centre", () => {
  const image = scene(81, 81);
  const zoomed = applyTransform(image, square(81), drawnFor(image, [{ kind: "zoom", x: 2, y: 2 }]));
  const at = (pixels: Uint8Array, x: number, y: number) => pixels[(y * 81 + x) * 3]!;
  for (const [x, y] of [
    [40, 40],
    [20, 40],
    [60, 30],
    [0, 80],
  ] as const)
    expect(at(zoomed, x, y)).toBe(at(image.data, 20 + x / 2, 20 + y / 2));
});

test("only computing what the crop needs changes nothing: the whole picture, moved and then cropped, is the same", () => {
  const augment: AugmentSpec[] = [{ kind: "rotate", degrees: 20, p: 0.8 }, { kind: "dihedral" }, { kind: "stretch", max: 0.3, p: 0.5 }];
  for (let key = 0; key < 40; key++) {
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
  const doubled = applyTransform({ ...image, height: 1, width: 2 }, square(1), drawnFor(image, [], { contrast: 2 }));
  expect([...doubled]).toEqual([0, 100, 200]);
  expect([...applyTransform(image, square(1), drawnFor(image, [], { brightness: 0.2 }))]).toEqual([101, 151, 201]);
  expect([...applyTransform(image, square(1), drawnFor(image, [], { brightness: 0.9 }))]).toEqual([255, 255, 255]);
});

test("cutout blackens its squares and nothing else", () => {
  const image: RgbImage = { width: 4, height: 4, data: new Uint8Array(48).fill(9) };
  const cut = applyTransform(image, square(4), drawnFor(image, [], { holes: [{ left: 1, top: 2, width: 2, height: 1 }] }));
  expect(reds(cut)).toEqual([9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 9, 9, 9, 9, 9]);
});

test("the image itself stays as it was", () => {
  const image = scene(32, 32);
  const before = image.data.slice();
  applyTransform(image, square(32), drawnFor(image, [], { brightness: 0.3, holes: [{ left: 0, top: 0, width: 9, height: 9 }] }));
  expect(image.data).toEqual(before);
});

test.each([
  [1, 1],
  [1, 300],
  [300, 1],
  [5000, 3],
])("an image of %i × %i can be transformed", (width, height) => {
  const image = scene(width, height);
  const { train, valid } = tfmsFromModel(network, 24, { augTfms: [{ kind: "rotate", degrees: 30, p: 1 }], maxZoom: 1.5, pad: 2 });
  for (const spec of [train, valid])
    expect(applyTransform(image, spec, drawAugmentation(spec, width, height, randomStream(1)))).toHaveLength(24 * 24 * 3);
});
