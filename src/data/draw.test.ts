// Chance in transforms: fastai 0.7's sizes, ranges and probabilities.

import { describe, expect, test } from "vitest";
import { randomStream } from "../core/random.ts";
import { type DrawnTransform, drawAugmentation, scaledSize } from "./draw.ts";
import {
  type AugmentSpec,
  type TransformOptions,
  tfmsFromModel,
  transformsBasic,
  transformsSideOn,
  transformsTopDown,
} from "./transforms.ts";

const network = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
const COUNT = 4000;

function draws(options: TransformOptions, width = 500, height = 375): DrawnTransform[] {
  const { train } = tfmsFromModel(network, 224, options);
  return Array.from({ length: COUNT }, (_, index) => drawAugmentation(train, width, height, randomStream("draws", index)));
}

function part<T>(values: readonly T[], holds: (value: T) => boolean): number {
  return values.filter(holds).length / values.length;
}

/** Four standard deviations of a share of COUNT draws with probability `p`. */
const within = (p: number) => 4 * Math.sqrt((p * (1 - p)) / COUNT);

function expectShare(share: number, p: number): void {
  expect(Math.abs(share - p)).toBeLessThan(within(p));
}

describe("scaling", () => {
  test.each([
    [500, 375, 224, 298, 224],
    [375, 500, 224, 224, 298],
    [224, 224, 224, 224, 224],
    [100, 50, 224, 448, 224],
    [1000, 1, 224, 224_000, 224],
    [499, 373, 299, 400, 299],
  ])("an image of %i × %i with its short side at %i becomes %i × %i", (width, height, target, toWidth, toHeight) => {
    expect(scaledSize(width, height, target)).toEqual({ width: toWidth, height: toHeight });
  });

  test("three quarters of training images are zoomed into, uniformly up to maxZoom", () => {
    const heights = draws({ maxZoom: 1.5 }).map(({ height }) => height);
    // A zoom below 225/224 does not show in whole pixels.
    expectShare(
      part(heights, (height) => height > 224),
      0.75 * (1 - 1 / 112),
    );
    expect(Math.max(...heights)).toBeLessThanOrEqual(336);
    expect(Math.max(...heights)).toBeGreaterThan(333);
    const zoomed = heights.filter((height) => height > 224);
    expect(Math.abs(zoomed.reduce((sum, height) => sum + height, 0) / zoomed.length - 280)).toBeLessThan(3);
  });

  test("without maxZoom nothing is zoomed", () => {
    expect(new Set(draws({}).map(({ width, height }) => `${width} × ${height}`))).toEqual(new Set(["298 × 224"]));
  });
});

describe("cropping", () => {
  test("validation takes the middle, rounded up", () => {
    const { valid } = tfmsFromModel(network, 223, { augTfms: transformsSideOn, maxZoom: 1.1 });
    expect(drawAugmentation(valid, 500, 375, randomStream(1))).toEqual({
      source: { left: 0, top: 0, width: 500, height: 375 },
      width: 297,
      height: 223,
      moves: [],
      left: 37,
      top: 0,
      brightness: 0,
      contrast: 1,
      holes: [],
    });
    expect(drawAugmentation(valid, 500, 374, randomStream(1)).left).toBe(Math.ceil((298 - 223) / 2));
  });

  test("training crops lie anywhere, both ends included", () => {
    const lefts = draws({}).map(({ left }) => left);
    expect([Math.min(...lefts), Math.max(...lefts)]).toEqual([0, 74]);
    expect(Math.abs(lefts.reduce((sum, left) => sum + left, 0) / COUNT - 37)).toBeLessThan(2);
  });

  test('"none" squashes the whole image into the square', () => {
    const { train, valid } = tfmsFromModel(network, 224, { crop: "none" });
    for (const spec of [train, valid])
      expect(drawAugmentation(spec, 500, 375, randomStream(1))).toMatchObject({ width: 224, height: 224, left: 0, top: 0 });
  });

  test('"googlenet" takes parts of 8 to 100 % of the area that lie inside the image', () => {
    const drawn = draws({ crop: "googlenet" }).filter(({ width, height }) => width === 224 && height === 224);
    expect(drawn.length).toBeGreaterThan(COUNT * 0.99);
    for (const { source } of drawn) {
      expect(source.left >= 0 && source.top >= 0 && source.left + source.width <= 500 && source.top + source.height <= 375).toBe(true);
      expect(source.width / source.height).toBeGreaterThan(0.74);
      expect(source.width / source.height).toBeLessThan(1.35);
    }
    const areas = drawn.map(({ source }) => (source.width * source.height) / (500 * 375));
    expect(Math.min(...areas)).toBeGreaterThan(0.075);
    expect(Math.min(...areas)).toBeLessThan(0.1);
    expect(Math.max(...areas)).toBeGreaterThan(0.9);
  });

  test("a reflected border makes room for the crop on every side", () => {
    const lefts = draws({ pad: 10 }).map(({ left }) => left);
    expect([Math.min(...lefts), Math.max(...lefts)]).toEqual([0, 94]);
  });
});

describe("augmentation", () => {
  test("three quarters of the images turn, uniformly within ten degrees", () => {
    const turns = draws({ augTfms: transformsBasic }).flatMap(({ moves }) =>
      moves.flatMap((move) => (move.kind === "rotate" ? [move.degrees] : [])),
    );
    expectShare(turns.length / COUNT, 0.75);
    expect(Math.min(...turns)).toBeLessThan(-9.9);
    expect(Math.max(...turns)).toBeGreaterThan(9.9);
    expect(turns.every((degrees) => Math.abs(degrees) <= 10)).toBe(true);
    expectShare(
      part(turns, (degrees) => degrees > 0),
      0.5,
    );
  });

  test("brightness lies within ±0.05, contrast between 1/1.05 and 1.05", () => {
    const drawn = draws({ augTfms: transformsBasic });
    const brightness = drawn.map((draw) => draw.brightness);
    const contrast = drawn.map((draw) => draw.contrast);
    expect(Math.max(...brightness.map(Math.abs))).toBeLessThanOrEqual(0.05);
    expect(Math.max(...brightness)).toBeGreaterThan(0.049);
    expect(Math.min(...contrast)).toBeGreaterThanOrEqual(1 / 1.05);
    expect(Math.min(...contrast)).toBeLessThan(1 / 1.049);
    expect(Math.max(...contrast)).toBeLessThanOrEqual(1.05);
    expectShare(
      part(contrast, (factor) => factor > 1),
      0.5,
    );
  });

  test("half of the images seen from the side are mirrored", () => {
    expectShare(
      part(draws({ augTfms: transformsSideOn }), ({ moves }) => moves.some(({ kind }) => kind === "flip")),
      0.5,
    );
  });

  test("images seen from above take each of the eight symmetries equally often", () => {
    const counts = new Map<string, number>();
    for (const { moves } of draws({ augTfms: transformsTopDown })) {
      const turned = moves.find((move) => move.kind === "turn");
      const key = `${turned?.kind === "turn" ? turned.quarters : 0}${moves.some(({ kind }) => kind === "flip")}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(8);
    for (const count of counts.values()) expectShare(count / COUNT, 1 / 8);
  });

  test("augmentations happen in the order given", () => {
    const always: AugmentSpec[] = [
      { kind: "flip", p: 1 },
      { kind: "zoom", max: 0.2, p: 1 },
      { kind: "rotate", degrees: 5, p: 1 },
    ];
    const { train } = tfmsFromModel(network, 64, { augTfms: always, pad: 4 });
    expect(drawAugmentation(train, 100, 100, randomStream(1)).moves.map(({ kind }) => kind)).toEqual(["pad", "flip", "zoom", "rotate"]);
  });

  test("the same key draws the same, another key something else", () => {
    const { train } = tfmsFromModel(network, 224, { augTfms: transformsSideOn, maxZoom: 1.1 });
    const draw = (...key: (string | number)[]) => drawAugmentation(train, 500, 375, randomStream(...key));
    expect(draw(42, "augment", 0, "train/cats/1.jpg")).toEqual(draw(42, "augment", 0, "train/cats/1.jpg"));
    expect(draw(42, "augment", 0, "train/cats/1.jpg")).not.toEqual(draw(42, "augment", 1, "train/cats/1.jpg"));
  });

  test("what was drawn survives JSON", () => {
    const { train } = tfmsFromModel(network, 224, {
      augTfms: [...transformsTopDown, { kind: "cutout", holes: 2, length: 30, p: 1 }],
      maxZoom: 1.1,
    });
    const drawn = drawAugmentation(train, 500, 375, randomStream(5));
    expect(JSON.parse(JSON.stringify(drawn))).toEqual(drawn);
    expect(JSON.parse(JSON.stringify(train))).toEqual(train);
  });
});

test.each([
  ["a size of 0", () => tfmsFromModel(network, 0), "Expected a whole number of pixels, at least 1 for size but received 0"],
  ["half a pixel", () => tfmsFromModel(network, 22.5), "Expected a whole number of pixels, at least 1 for size but received 22.5"],
  ["a zoom below 1", () => tfmsFromModel(network, 224, { maxZoom: 0.9 }), "Expected a number of at least 1 for maxZoom but received 0.9"],
  ["a negative border", () => tfmsFromModel(network, 224, { pad: -1 }), "Expected a whole number of pixels for pad but received -1"],
])("%s is refused", (_, make, message) => {
  expect(make).toThrow(message);
});
