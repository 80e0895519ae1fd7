import { describe, expect, test } from "vitest";
import { architectureOf } from "../../nn/catalogue.ts";
import { imageSize } from "../../nn/image-size.ts";
import type { Facts } from "../choices/choice.ts";
import { epochsOf } from "../choices/epochs.ts";
import type { Recipe } from "../file/schema.ts";
import { planRecipe } from "./plan-recipe.ts";
import type { SizeOf } from "./plan-stages.ts";

const facts: Facts = { train: 2000, classCounts: [1000, 1000], cores: 2 };
const data: Recipe["data"] = { fingerprint: "f", classes: 2, train: 2000, valid: 1000 };
const sizeOf: SizeOf = (network, train) => imageSize(architectureOf(network), train);
const plan = (given: Parameters<typeof planRecipe>[0], file?: Recipe) => planRecipe(given, file, facts, data, sizeOf);
const places = ({ stages }: Recipe) => stages.map(({ name, network, size }) => `${name} ${network} ${size}`);

describe("a recipe", () => {
  test("without settings is the lesson's: three stages of the shipped network, and four views", () => {
    const recipe = plan({});
    expect(places(recipe)).toEqual(["precompute thaw_small 128", "augment thaw_small 128", "unfreeze thaw_small 128"]);
    expect(recipe).toMatchObject({ seed: 42, bs: 64, augment: "side-on", maxZoom: 1.1, optimizer: "sgd", balance: "none", tta: 4 });
    expect(recipe.why).toMatchObject({ bs: "32 steps an epoch", epochs: "the usual length" });
  });

  test("for few photographs has larger ones in place of training all layers, unless something about that is asked", () => {
    const ofFew = (given: Parameters<typeof planRecipe>[0], file?: Recipe) =>
      planRecipe(given, file, { ...facts, train: 999 }, { ...data, train: 999 }, sizeOf);
    const recipe = ofFew({});
    expect(places(recipe)).toEqual(["precompute thaw_small 192", "augment thaw_small 192"]);
    expect(recipe.tta).toBe(4);
    expect(recipe.why).toMatchObject({
      stages: "fewer than 1000 images gain nothing from training all layers",
      size: "few images tell more when they are larger",
    });
    expect(plan({}).why).not.toHaveProperty("size");
    expect(ofFew({ size: 64 }).why).not.toHaveProperty("size");
    expect(places(ofFew({ size: 64 }))).toEqual(["precompute thaw_small 64", "augment thaw_small 64"]);
    expect(places(ofFew({ arch: "resnet18" }))).toEqual(["precompute resnet18 224", "augment resnet18 224"]);
    const all = ["precompute", "augment", "unfreeze"] as const;
    const names = ({ stages }: Recipe) => stages.map(({ name }) => name);
    for (const asked of [{ stages: [...all, "tta"] }, { freezeTo: 1 }, { epochs: [7, 3, 3] }, { lrs: [0.1, 0.1, 0.01] }] as const)
      expect(names(ofFew(asked))).toEqual(all);
    expect(names(ofFew({ sizes: [64, 96], lrs: [1, 2, 3, 4, 5, 6] }))).toEqual([...all, ...all]);
    expect(names(ofFew({ epochs: [3] }))).toEqual(["precompute", "augment"]);
    expect(names(ofFew({ epochs: [3, 1] }))).toEqual(["precompute", "augment"]);
    // What a recipe file says stays.
    expect(places(ofFew({}, plan({})))).toEqual(places(plan({})));
    expect(places(ofFew({ arch: "thaw_small" }, plan({})))).toEqual(places(plan({})));
  });

  test("goes through all stages at each size, and begins further networks at the last", () => {
    const recipe = plan({ arch: ["thaw_small", "mobilenet_v2"], sizes: [64, 128], stages: ["precompute", "unfreeze"] });
    expect(places(recipe)).toEqual([
      "precompute thaw_small 64",
      "unfreeze thaw_small 64",
      "precompute thaw_small 128",
      "unfreeze thaw_small 128",
      "precompute mobilenet_v2 128",
      "unfreeze mobilenet_v2 128",
    ]);
    expect(recipe.tta).toBe(0);
  });

  test("holds how the images of an ONNX file are normalised, until another network is given", () => {
    const at = { arch: "own.onnx", sizes: [64] } as const;
    const first = plan({ ...at, mean: [0.5], std: [0.1, 0.2, 0.3] });
    expect(first).toMatchObject({ mean: [0.5, 0.5, 0.5], std: [0.1, 0.2, 0.3] });
    expect(plan({}, first)).toMatchObject({ mean: [0.5, 0.5, 0.5], std: [0.1, 0.2, 0.3] });
    expect(plan(at, first)).not.toHaveProperty("mean");
    expect(() => plan({ mean: [0.5] })).toThrow("--mean and --std are for ONNX files");
    expect(() => plan({ ...at, mean: [0.5, 0.5] })).toThrow("Expected three numbers");
    expect(() => plan({ ...at, mean: [127] })).toThrow("Expected numbers for colours in [0, 1] for --mean but received 127");
  });

  test("takes a network by the name of its weights, and a file that is given before them", () => {
    const { stages, weights } = plan({ arch: ["resnet34.a1_in1k", "resnet18"] });
    expect([...new Set(stages.map(({ network }) => network))]).toEqual(["resnet34", "resnet18"]);
    expect(weights).toEqual({ resnet34: "resnet34.a1_in1k" });
    expect(plan({ arch: "resnet34.a1_in1k", weights: "own.safetensors" }).weights).toEqual({ resnet34: "own.safetensors" });
    expect(() => plan({ arch: "resnet34.a1" })).toThrow('There is no network "resnet34.a1"');
  });

  test("takes epochs and rates for all stages, for each name, or for each stage", () => {
    const lrs = (given: readonly number[]) =>
      plan({ lrs: given, sizes: [64, 128], stages: ["precompute", "augment"] }).stages.map(({ lr }) => lr);
    expect(lrs([0.1])).toEqual([0.1, 0.1, 0.1, 0.1]);
    expect(lrs([0.1, 0.2])).toEqual([0.1, 0.2, 0.1, 0.2]);
    expect(lrs([1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
    expect(() => lrs([1, 2, 3])).toThrow("Expected 1 or 2 numbers for learning rates (--lr) but received 3");
    expect(plan({ epochs: [3, 5, 1] }).stages.map(({ cycles, cycleLen }) => [cycles, cycleLen])).toEqual([
      [2, 1],
      [5, 1],
      [1, 1],
    ]);
  });

  test("may have any number of epochs up to the limit in any stage", () => {
    for (const epochs of [1, 2, 7, 20, 21, 50, 63, 100, 8191, 10_000]) {
      for (const { cycles, cycleLen, cycleMult } of plan({ epochs: [epochs] }).stages)
        expect(epochsOf({ cycles, cycleLen, cycleMult })).toBe(epochs);
    }
    const stage = { ...plan({}).stages[0]!, cycles: 14, cycleLen: 1, cycleMult: 2 };
    expect(() => plan({}, { ...plan({}), stages: [stage] })).toThrow("stages.0: Invalid cycles: Expected at most 10000 epochs in all");
  });

  test("trains on whole batches where batch norm updates its statistics, also by a file that divided them", () => {
    expect(plan({ bs: 64 }).microBatch).toBe(16);
    expect(plan({ bs: 64, bnFreeze: false }).microBatch).toBe(64);
    expect(plan({ bs: 64, bnFreeze: false, microBatch: 8 }).microBatch).toBe(8);
    expect(plan({ bnFreeze: false }, plan({ bs: 64 })).microBatch).toBe(64);
  });

  test("from a file is the file's, but for what was asked for and what the photographs are", () => {
    const file = { ...plan({ bs: 16, lrs: [0.1], seed: 7 }), data: { ...data, fingerprint: "other" } };
    const again = plan({ seed: 8 }, file);
    expect({ ...again, why: {} }).toEqual({ ...file, seed: 8, data, why: {} });
    expect([again.why.seed, again.why.bs]).toEqual(["as asked", "from the recipe file"]);
    // Another size takes the epochs' rule again, and its rates have to be found.
    expect(plan({ sizes: [64] }, file).stages.map(({ size, lr }) => [size, lr])).toEqual([
      [64, undefined],
      [64, undefined],
      [64, undefined],
    ]);
  });

  test.each([
    ["an unknown network", { arch: "resnet43" }, 'There is no network "resnet43"'],
    ["a batch of one", { bs: 1 }, "What was asked for is not a recipe of this version of thaw: bs: Invalid value"],
    ["no stage that trains", { stages: ["tta"] }, "There is no stage that trains"],
    ["more weights than networks", { weights: ["a", "b"] }, "Expected a file for each of thaw_small for the weights"],
  ] as const)("with %s is refused", (_, given, message) => {
    expect(() => plan(given)).toThrow(message);
  });

  test("trains all layers on parts of a batch where batch norm keeps its statistics, unless it is asked not to", () => {
    expect(plan({})).toMatchObject({ bs: 64, bnFreeze: true, microBatch: 16 });
    expect(plan({ microBatch: 8 })).toMatchObject({ bs: 64, microBatch: 8 });
    expect(planRecipe({}, undefined, { train: 20_000, classCounts: [], cores: 2 }, data, sizeOf)).toMatchObject({
      bnFreeze: false,
      microBatch: 64,
    });
  });

  test("pastes rectangles only into images", () => {
    expect(plan({ mix: "mixup", views: 3 })).toMatchObject({ mix: "mixup", views: 3 });
    expect(() => plan({ mix: "cutmix", views: 3 })).toThrow("CutMix needs images");
  });

  test("balances only classes", () => {
    expect(() => planRecipe({ balance: "weights" }, undefined, { train: 10, classCounts: [], cores: 2 }, data, sizeOf)).toThrow(
      'The balance "weights" needs images with one class each',
    );
  });
});
