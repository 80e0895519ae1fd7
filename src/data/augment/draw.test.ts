// Randomness in transforms: fastai 0.7's sizes, ranges and probabilities.

import { describe, expect, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import { cutout, randomErasing } from "./augmentations.ts";
import { type DrawnTransform, drawAugmentation } from "./draw.ts";
import { transformsSideOn, transformsTopDown } from "./presets.ts";
import { scaledSize } from "./scale.ts";
import type { Step } from "./steps.ts";
import { type TransformOptions, tfmsFromModel } from "./transforms.ts";

const network = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
const COUNT = 4000;

function draws(options: TransformOptions, width = 500, height = 375): DrawnTransform[] {
  const { train } = tfmsFromModel(network, 224, options);
  return Array.from({ length: COUNT }, (_, index) => drawAugmentation(train, width, height, randomStream("draws", index)));
}

/** The steps of one kind among all that were drawn. */
function drawn<Kind extends Step["kind"]>(draws: readonly DrawnTransform[], kind: Kind): Extract<Step, { kind: Kind }>[] {
  return draws.flatMap(({ steps }) => steps.filter((step): step is Extract<Step, { kind: Kind }> => step.kind === kind));
}

const crops = (options: TransformOptions) => drawn(draws(options), "crop");

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

  test("maxZoom takes a range, and below 1 the border comes into view", () => {
    const drawn = draws({ maxZoom: [0.5, 0.75] });
    const heights = drawn.map(({ height }) => height).filter((height) => height !== 224);
    expectShare(heights.length / COUNT, 0.75);
    expect([Math.min(...heights), Math.max(...heights)]).toEqual([112, 167]);
    const [smaller] = drawn.filter(({ height }) => height < 130);
    expect(smaller?.steps).toMatchObject([{ kind: "crop", top: expect.toSatisfy((top: number) => top < 0), border: "reflect" }]);
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
      steps: [{ kind: "crop", left: 37, top: 0, size: 223, border: "reflect" }],
    });
    expect(drawAugmentation(valid, 500, 374, randomStream(1)).steps).toMatchObject([{ left: Math.ceil((298 - 223) / 2), top: 0 }]);
  });

  test("training crops lie anywhere, both ends included", () => {
    const lefts = crops({}).map(({ left }) => left);
    expect([Math.min(...lefts), Math.max(...lefts)]).toEqual([0, 74]);
    expect(Math.abs(lefts.reduce((sum, left) => sum + left, 0) / COUNT - 37)).toBeLessThan(2);
  });

  test('"none" squashes the whole image into the square at once', () => {
    const { train, valid } = tfmsFromModel(network, 224, { crop: "none", augTfms: transformsSideOn.slice(1, 2) });
    for (const spec of [train, valid]) {
      const { width, height, steps } = drawAugmentation(spec, 500, 375, randomStream(1));
      expect([width, height, steps.filter(({ kind }) => kind !== "light")]).toEqual([224, 224, []]);
    }
  });

  test('what moves an image that "none" squashes sees it in its own proportions', () => {
    const [first] = draws({ crop: "none", pad: 3 });
    expect(first).toMatchObject({ width: 224, height: 224 });
    expect(first?.steps).toEqual([
      { kind: "resize", width: 298, height: 224 },
      { kind: "pad", pixels: 3, border: "reflect" },
      { kind: "resize", width: 224, height: 224 },
    ]);
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

  test('"resized" draws area and log of aspect uniformly, as torchvision', () => {
    const boxes = draws({ crop: "resized", cropScale: [0.1, 0.3], cropRatio: [0.5, 2] }, 1000, 1000).map(({ source }) => source);
    for (const { left, top, width, height } of boxes)
      expect(left >= 0 && top >= 0 && left + width <= 1000 && top + height <= 1000).toBe(true);
    const middle = (values: number[]) => values.sort((a, b) => a - b)[COUNT / 2]!;
    const areas = boxes.map(({ width, height }) => (width * height) / 1e6);
    expect(Math.abs(middle(areas) - 0.2)).toBeLessThan(0.01);
    expect([areas[0]! > 0.098, areas.at(-1)! < 0.302]).toEqual([true, true]);
    const aspects = boxes.map(({ width, height }) => Math.log2(width / height));
    expect(Math.abs(middle(aspects))).toBeLessThan(0.1);
    expect(aspects[0]).toBeLessThan(-0.98);
    expect(aspects.at(-1)).toBeGreaterThan(0.98);
  });

  test('"resized" takes the middle in the nearest proportions if nothing else fits', () => {
    const { train } = tfmsFromModel(network, 32, { crop: "resized" });
    expect(drawAugmentation(train, 5000, 3, randomStream(1)).source).toEqual({ left: 2498, top: 0, width: 4, height: 3 });
    expect(drawAugmentation(train, 3, 5000, randomStream(1)).source).toEqual({ left: 0, top: 2498, width: 3, height: 4 });
  });

  test("a reflected border makes room for the crop on every side", () => {
    const lefts = crops({ pad: 10 }).map(({ left }) => left);
    expect([Math.min(...lefts), Math.max(...lefts)]).toEqual([0, 94]);
  });
});

describe("the whole", () => {
  test("steps happen in this order: border, augmentations as given, crop, erasing", () => {
    const augTfms = [randomErasing({ p: 1 }), cutout(1, 9, { p: 1 }), ...transformsSideOn.slice(1, 2)];
    const { train } = tfmsFromModel(network, 64, { augTfms, pad: 4, padMode: "edge" });
    const { steps } = drawAugmentation(train, 100, 100, randomStream(1));
    expect(steps.map(({ kind }) => kind)).toEqual(["pad", "holes", "light", "crop", "erase"]);
    expect(steps[0]).toMatchObject({ border: "edge" });
  });

  test("the same key draws the same, another key something else", () => {
    const { train } = tfmsFromModel(network, 224, { augTfms: transformsSideOn, maxZoom: 1.1 });
    const draw = (...key: (string | number)[]) => drawAugmentation(train, 500, 375, randomStream(...key));
    expect(draw(42, "augment", 0, "train/cats/1.jpg")).toEqual(draw(42, "augment", 0, "train/cats/1.jpg"));
    expect(draw(42, "augment", 0, "train/cats/1.jpg")).not.toEqual(draw(42, "augment", 1, "train/cats/1.jpg"));
  });

  test("what was drawn survives JSON", () => {
    const { train } = tfmsFromModel(network, 224, { augTfms: [...transformsTopDown, cutout(2, 30, { p: 1 })], maxZoom: 1.1 });
    const drawn = drawAugmentation(train, 500, 375, randomStream(5));
    expect(JSON.parse(JSON.stringify(drawn))).toEqual(drawn);
    expect(JSON.parse(JSON.stringify(train))).toEqual(train);
  });
});

test.each([
  ["a size of 0", () => tfmsFromModel(network, 0), "Expected a whole number of pixels, at least 1 for size but received 0"],
  ["half a pixel", () => tfmsFromModel(network, 22.5), "Expected a whole number of pixels, at least 1 for size but received 22.5"],
  ["a zoom below 1", () => tfmsFromModel(network, 224, { maxZoom: 0.9 }), "Expected a number from 1 to 10 for maxZoom but received 0.9"],
  ["a negative border", () => tfmsFromModel(network, 224, { pad: -1 }), "Expected a whole number of pixels for pad but received -1"],
])("%s is refused", (_, make, message) => {
  expect(make).toThrow(message);
});
