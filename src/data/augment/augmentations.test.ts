// Randomness in each augmentation: ranges, probabilities and uniformity over thousands of draws.

import { describe, expect, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import { logit } from "../pixels/levels.ts";
import type { AugmentSpec } from "./augmentations.ts";
import {
  addPadding,
  cutout,
  drawSteps,
  randAugment,
  randomBlur,
  randomBrightness,
  randomContrast,
  randomDihedral,
  randomErasing,
  randomFlip,
  randomHue,
  randomLighting,
  randomPerspective,
  randomRotate,
  randomRotateZoom,
  randomSaturation,
  randomStretch,
  randomZoom,
  trivialAugment,
} from "./augmentations.ts";
import { augTransforms, transformsBasic, transformsSideOn, transformsTopDown } from "./presets.ts";
import type { Step } from "./steps.ts";

const COUNT = 4000;
const CANVAS = { width: 300, height: 200, size: 200 };

/** What COUNT images get. */
function draws(augment: AugmentSpec, size = 200): (readonly Step[])[] {
  return Array.from({ length: COUNT }, (_, index) => drawSteps(augment, { ...CANVAS, size }, randomStream("draws", index)));
}

function only<Kind extends Step["kind"]>(drawn: readonly (readonly Step[])[], kind: Kind): Extract<Step, { kind: Kind }>[] {
  return drawn.flat().filter((step): step is Extract<Step, { kind: Kind }> => step.kind === kind);
}

/** Within four standard deviations of a share of `count` draws with probability `p`. */
function expectShare(share: number, p: number, count = COUNT): void {
  expect(Math.abs(share - p)).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / count));
}

/** By Kolmogorov and Smirnov: the distance from the uniform distribution that 1 of 10,000 samples exceeds is 2.23/√n. */
function expectUniform(values: readonly number[], low: number, high: number): void {
  const sorted = [...values].sort((a, b) => a - b);
  const distance = Math.max(...sorted.map((value, i) => Math.abs((value - low) / (high - low) - (i + 0.5) / sorted.length)));
  expect(distance).toBeLessThan(2.23 / Math.sqrt(sorted.length));
  expect(sorted[0]).toBeGreaterThanOrEqual(low);
  expect(sorted.at(-1)).toBeLessThanOrEqual(high);
}

describe("fastai 0.7's augmentations", () => {
  test("randomRotate turns three quarters of the images, uniformly within ± degrees", () => {
    const turns = only(draws(randomRotate(10)), "rotate");
    expectShare(turns.length / COUNT, 0.75);
    expectUniform(
      turns.map(({ degrees }) => degrees),
      -10,
      10,
    );
    expect(new Set(turns.map(({ border }) => border))).toEqual(new Set(["reflect"]));
  });

  test("randomLighting always draws; a factor and its inverse are equally likely", () => {
    const lights = only(draws(randomLighting(0.05, 0.25)), "light");
    expect(lights).toHaveLength(COUNT);
    expectUniform(
      lights.map(({ brightness }) => brightness),
      -0.05,
      0.05,
    );
    expectUniform(
      lights.map(({ contrast }) => (contrast >= 1 ? contrast - 1 : 1 - 1 / contrast)),
      -0.25,
      0.25,
    );
  });

  test("randomFlip mirrors half of the images", () => {
    expectShare(only(draws(randomFlip()), "flip").length / COUNT, 0.5);
  });

  test("randomDihedral takes each of the eight symmetries equally often", () => {
    const counts = new Map<string, number>();
    for (const steps of draws(randomDihedral())) counts.set(JSON.stringify(steps), (counts.get(JSON.stringify(steps)) ?? 0) + 1);
    expect(counts.size).toBe(8);
    for (const count of counts.values()) expectShare(count / COUNT, 1 / 8);
  });

  test("randomRotateZoom does one of four with the given probabilities, each as strong as its own transform", () => {
    const drawn = draws(randomRotateZoom(20, 0.3, 0.4, { ps: [0.1, 0.2, 0.3, 0.4] }));
    expect(drawn.every((steps) => steps.length <= 1)).toBe(true);
    const turns = only(drawn, "rotate");
    expectShare(turns.length / COUNT, 0.1);
    expectUniform(
      turns.map(({ degrees }) => degrees),
      -20,
      20,
    );
    const zooms = only(drawn, "zoom").filter(({ x, y }) => x === y);
    expectShare(zooms.length / COUNT, 0.2);
    expectUniform(
      zooms.map(({ x }) => x),
      1,
      1.3,
    );
    const stretches = only(drawn, "zoom").filter(({ x, y }) => x !== y);
    expectShare(stretches.length / COUNT, 0.3);
    expectUniform(
      stretches.map(({ x, y }) => Math.max(x, y)),
      1,
      1.4,
    );
    expectShare(stretches.filter(({ x }) => x > 1).length / stretches.length, 0.5, stretches.length);
    expectShare(drawn.filter((steps) => steps.length === 0).length / COUNT, 0.4);
  });

  test("randomRotateZoom's four are equally likely by default", () => {
    const drawn = draws(randomRotateZoom(20, 0.3, 0.4));
    expectShare(only(drawn, "rotate").length / COUNT, 0.25);
    expectShare(drawn.filter((steps) => steps.length === 0).length / COUNT, 0.25);
  });

  test("randomZoom zooms always, into the middle", () => {
    const zooms = only(draws(randomZoom(0.5, { min: 0.1 })), "zoom");
    expect(zooms).toHaveLength(COUNT);
    expectUniform(
      zooms.map(({ x }) => x),
      1.1,
      1.5,
    );
    expect(zooms.every(({ x, y, across, down }) => x === y && across === 0.5 && down === 0.5)).toBe(true);
  });

  test("randomZoom can look anywhere", () => {
    const zooms = only(draws(randomZoom(0.5, { anywhere: true, p: 0.75 })), "zoom");
    expectShare(zooms.length / COUNT, 0.75);
    expectUniform(
      zooms.map(({ across }) => across),
      0,
      1,
    );
    expectUniform(
      zooms.map(({ down }) => down),
      0,
      1,
    );
  });

  test("randomStretch stretches either axis, about the centre", () => {
    const stretches = only(draws(randomStretch(0.3)), "zoom");
    expectShare(stretches.filter(({ y }) => y === 1).length / COUNT, 0.5);
    expectUniform(
      stretches.map(({ x, y }) => x * y),
      1,
      1.3,
    );
  });

  test("addPadding adds what it says, reflected by default", () => {
    expect(draws(addPadding(7))[0]).toEqual([{ kind: "pad", pixels: 7, border: "reflect" }]);
    expect(draws(addPadding(7, { mode: "zero" }))[0]).toEqual([{ kind: "pad", pixels: 7, border: "zero" }]);
    expect(draws(addPadding(0))[0]).toEqual([]);
  });

  test("randomBlur blurs half of the images with the given strengths", () => {
    expect(new Set(only(draws(randomBlur()), "blur").map(({ strength }) => strength))).toEqual(new Set([5]));
    const blurs = only(draws(randomBlur([1, 3, 4])), "blur");
    expectShare(blurs.length / COUNT, 0.5);
    for (const each of [1, 3, 4]) expectShare(blurs.filter(({ strength }) => strength === each).length / blurs.length, 1 / 3, blurs.length);
  });

  test("cutout's squares are centred anywhere on the canvas and cut off at its border", () => {
    const drawn = only(draws(cutout(2, 40)), "holes");
    expectShare(drawn.length / COUNT, 0.5);
    const boxes = drawn.flatMap(({ boxes }) => boxes);
    expect(boxes).toHaveLength(2 * drawn.length);
    for (const { left, top, width, height } of boxes) {
      expect(left >= 0 && top >= 0 && left + width <= 300 && top + height <= 200).toBe(true);
      expect(width >= 20 && width <= 40 && height >= 20 && height <= 40).toBe(true);
    }
    // Not cut off on either side: centres from 20 to 280 of 300, and from 20 to 180 of 200.
    expectShare(boxes.filter(({ width }) => width === 40).length / boxes.length, 261 / 300, boxes.length);
    expectShare(boxes.filter(({ height }) => height === 40).length / boxes.length, 161 / 200, boxes.length);
  });

  test.each([
    ["transformsBasic", transformsBasic, ["rotate", "lighting"]],
    ["transformsSideOn", transformsSideOn, ["rotate", "lighting", "flip"]],
    ["transformsTopDown", transformsTopDown, ["rotate", "lighting", "dihedral"]],
  ])("%s is what fastai 0.7 has under this name", (_, preset, kinds) => {
    expect(preset.map(({ kind }) => kind)).toEqual(kinds);
    expect(preset[0]).toMatchObject({ degrees: 10, p: 0.75, mode: "reflect" });
    expect(preset[1]).toEqual({ kind: "lighting", brightness: 0.05, contrast: 0.05 });
  });
});

describe("newer augmentations", () => {
  test("randomPerspective tilts along each axis by itself", () => {
    const drawn = draws(randomPerspective(0.2, { p: 0.75 }));
    const tilts = only(drawn, "perspective");
    expectShare(tilts.length / COUNT, 1 - 0.25 ** 2);
    for (const axis of ["x", "y"] as const) {
      const values = tilts.map((tilt) => tilt[axis]).filter((value) => value !== 0);
      expectShare(values.length / COUNT, 0.75);
      expectUniform(values, -0.2, 0.2);
    }
  });

  test.each([
    ["brightness", randomBrightness(0.3)],
    ["contrast", randomContrast(0.3)],
    ["saturation", randomSaturation(0.3)],
  ] as const)("%s multiplies by a uniform factor about 1", (kind, augment) => {
    const steps = only(draws(augment), kind);
    expectShare(steps.length / COUNT, 0.75);
    expectUniform(
      steps.map(({ factor }) => factor),
      0.7,
      1.3,
    );
  });

  test("randomHue turns the wheel either way", () => {
    const turns = only(draws(randomHue(0.1, { p: 1 })), "hue").map(({ turn }) => turn);
    expectUniform(turns, -0.1, 0.1);
  });

  test("on the logit scale brightness shifts and contrast multiplies, as in fastai 2", () => {
    const shifts = only(draws(randomBrightness(0.2, { scale: "logit" })), "logit");
    expectShare(shifts.length / COUNT, 0.75);
    expectUniform(
      shifts.map(({ shift }) => 1 / (1 + Math.exp(-shift))),
      0.4,
      0.6,
    );
    expect(logit(0.5)).toBe(0);
    const factors = only(draws(randomContrast(0.2, { scale: "logit" })), "logit");
    expectUniform(
      factors.map(({ factor }) => Math.log(factor)),
      Math.log(0.8),
      -Math.log(0.8),
    );
  });

  test("randomErasing takes a share of the area in all proportions", () => {
    const drawn = only(draws(randomErasing({ scale: [0.02, 0.2], ratio: [0.5, 2] })), "erase");
    expectShare(drawn.length / COUNT, 0.5);
    // Sides in whole pixels: up to half a pixel off.
    const areas = drawn.map(({ box }) => (box.width * box.height) / (300 * 200));
    expectUniform(areas, 0.019, 0.201);
    expectUniform(
      drawn.map(({ box }) => Math.log(box.height / box.width)),
      Math.log(0.48),
      Math.log(2.08),
    );
    for (const { box } of drawn) expect(box.left + box.width <= 300 && box.top + box.height <= 200).toBe(true);
    expect(drawn[0]?.fill).toEqual([124, 116, 104]);
  });

  test("noise is drawn anew for each image", () => {
    const drawn = only(draws(randomErasing({ p: 1, fill: "noise" })), "erase");
    expect(new Set(drawn.map(({ fill }) => JSON.stringify(fill))).size).toBe(drawn.length);
  });

  test("augTransforms is fastai 2's list with its defaults", () => {
    expect(augTransforms()).toEqual([
      { kind: "flip", p: 0.5 },
      { kind: "perspective", magnitude: 0.2, p: 0.75, mode: "reflect" },
      { kind: "rotate", degrees: 10, p: 0.75, mode: "reflect" },
      { kind: "zoom", min: 0, max: expect.closeTo(0.1), p: 0.75, anywhere: true },
      { kind: "brightness", max: 0.2, p: 0.75, scale: "logit" },
      { kind: "contrast", max: 0.2, p: 0.75, scale: "logit" },
    ]);
  });

  test("augTransforms leaves out what is switched off, and mult strengthens the rest", () => {
    expect(augTransforms({ doFlip: false, maxWarp: 0, maxZoom: 1, maxLighting: 0, mult: 2 })).toEqual([randomRotate(20)]);
    expect(augTransforms({ flipVert: true })[0]).toEqual({ kind: "dihedral", p: 0.5 });
  });
});

describe("policies", () => {
  const KINDS = [
    "shear",
    "translate",
    "rotate",
    "brightness",
    "saturation",
    "contrast",
    "sharpness",
    "posterize",
    "solarize",
    "autoContrast",
    "equalize",
  ];

  test("trivialAugment does one of 14 changes, each equally often, one of them nothing", () => {
    const drawn = draws(trivialAugment());
    expectShare(drawn.filter((steps) => steps.length === 0).length / COUNT, 1 / 14);
    for (const kind of KINDS) {
      const both = kind === "shear" || kind === "translate" ? 2 : 1;
      expectShare(drawn.filter(([step]) => step?.kind === kind).length / COUNT, both / 14);
    }
    const turns = only(drawn, "rotate").map(({ degrees }) => degrees);
    expect([Math.min(...turns), Math.max(...turns)]).toEqual([-135, 135]);
    expect(turns.every((degrees) => Math.abs(Math.round(degrees / 4.5) - degrees / 4.5) < 1e-9)).toBe(true);
    expect(Math.max(...only(drawn, "shear").map(({ x }) => Math.abs(x)))).toBe(0.99);
    expect(Math.max(...only(drawn, "translate").map(({ y }) => Math.abs(y)))).toBe(32);
    expect(new Set(only(drawn, "posterize").map(({ bits }) => bits))).toEqual(new Set([2, 3, 4, 5, 6, 7, 8]));
    expect(Math.min(...only(drawn, "solarize").map(({ threshold }) => threshold))).toBe(0);
  });

  test("trivialAugment's strengths are uniform over 31 steps", () => {
    const factors = Array.from({ length: 5 }, (_, round) =>
      Array.from({ length: COUNT }, (_, i) => drawSteps(trivialAugment(), CANVAS, randomStream("more", round, i))),
    ).flatMap((drawn) => only(drawn, "brightness").map(({ factor }) => Math.round((Math.abs(factor - 1) / 0.99) * 30)));
    for (let magnitude = 0; magnitude <= 30; magnitude++)
      expectShare(factors.filter((value) => value === magnitude).length / factors.length, 1 / 31, factors.length);
  });

  test("randAugment does as many changes as asked for, all at one magnitude", () => {
    const drawn = draws(randAugment({ count: 3, magnitude: 15 }), 331);
    expect(Math.max(...drawn.map(({ length }) => length))).toBe(3);
    expectShare(drawn.filter(({ length }) => length === 3).length / COUNT, (13 / 14) ** 3);
    expect(new Set(only(drawn, "rotate").map(({ degrees }) => Math.abs(degrees)))).toEqual(new Set([15]));
    expect(new Set(only(drawn, "translate").map(({ x, y }) => Math.abs(x + y)))).toEqual(new Set([75]));
    expect(new Set(only(drawn, "posterize").map(({ bits }) => bits))).toEqual(new Set([6]));
    expect(new Set(only(drawn, "solarize").map(({ threshold }) => threshold))).toEqual(new Set([127.5]));
    const factors = only(drawn, "contrast").map(({ factor }) => factor);
    expect(new Set(factors)).toEqual(new Set([0.55, 1.45]));
    expectShare(factors.filter((factor) => factor > 1).length / factors.length, 0.5, factors.length);
  });
});
