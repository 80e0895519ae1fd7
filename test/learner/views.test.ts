// Activations of augmented views: augmentation and warm restarts on what was computed once.

import { beforeAll, expect, test } from "vitest";
import { ConvLearner, type ImageClassifierData, type LearnerOptions, transformsSideOn } from "../../src/index.ts";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "./tiny.ts";

let folder: string;
let weights: string;
let data: ImageClassifierData;

beforeAll(async () => {
  [folder, weights] = await Promise.all([makePictures(8, 4), makeWeights()]);
  data = await tinyData(folder, { augTfms: transformsSideOn });
});

/** A learner, and how many images went into each computation of activations, by what it was called. */
async function watched(options: Partial<LearnerOptions>, of = data) {
  const computed: Record<string, number> = {};
  const warnings: string[] = [];
  const learner = await ConvLearner.pretrained(tiny, of, {
    weights,
    seed: 7,
    precompute: true,
    cache: await temporaryFolder(),
    onProgress({ task, done }) {
      if (task.startsWith("Computing")) computed[task.replace("Computing activations of ", "")] = done;
    },
    onWarning: ({ message }) => void warnings.push(message),
    ...options,
  });
  return { learner, computed, warnings };
}

const head = (learner: ConvLearner) => learner.parameters.get("head.fc0.weight")?.data as Float32Array;

function expectClose(actual: Float32Array, wanted: Float32Array): void {
  const scale = wanted.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  expect(actual.every((value, i) => Math.abs(value - wanted[i]!) <= 1e-4 * scale)).toBe(true);
}

test("as many epochs on cached views as there are views are those on augmented images, at any freeze point", async () => {
  for (const group of [1, 2]) {
    const { learner: cached } = await watched({ precomputeViews: 3 });
    const { learner: images } = await watched({ precompute: false });
    for (const learner of [cached, images]) {
      learner.freezeTo(group);
      await learner.fit(0.02, 1, { cycleLen: 3 });
    }
    expectClose(head(cached), head(images));
  }
});

test("a view is computed when its epoch comes, and after the last one the first comes again", async () => {
  const { learner, computed, warnings } = await watched({ precomputeViews: 2 });
  const valid = { "the validation images": 8 };
  await learner.lrFind({ steps: 5 });
  await learner.fit(0.01, 1);
  expect(computed).toEqual({ ...valid, "view 1 of the training images": 16 });
  await learner.fit(0.01, 2, { cycleLen: 1, cycleMult: 2 });
  expect(computed).toEqual({ ...valid, "view 1 of the training images": 16, "view 2 of the training images": 16 });
  expect(warnings).toEqual([]);
});

test("a second learner finds the views, one of another seed draws its own", async () => {
  const cache = await temporaryFolder();
  const [first, second, other] = [
    await watched({ precomputeViews: 1, cache }),
    await watched({ precomputeViews: 1, cache }),
    await watched({ precomputeViews: 1, cache, seed: 8 }),
  ];
  for (const { learner } of [first, second, other]) await learner.fit(0.01, 1);
  expect(head(second.learner)).toEqual(head(first.learner));
  expect(second.computed).toEqual({});
  expect(other.computed).toEqual({ "view 1 of the training images": 16 });
});

test("views are switched on and off between fits: each fit is the one that a learner with that setting from the start would do", async () => {
  const { learner } = await watched({});
  const start = learner.parameters;
  await learner.fit(0.01, 1);
  const [plain, off] = [head(learner), await watched({})];
  await off.learner.fit(0.01, 1);
  expect(head(off.learner)).toEqual(plain);
  learner.parameters = start;
  learner.precomputeViews = 2;
  await learner.fit(0.01, 1);
  learner.precompute = false;
  const images = await watched({ precompute: false });
  await images.learner.fit(0.01, 1);
  images.learner.parameters = start;
  await images.learner.fit(0.01, 1);
  expectClose(head(learner), head(images.learner));
});

test("test-time augmentation keeps its views too, and they are those that go through images", async () => {
  const [kept, images] = [await watched({ precomputeViews: 2 }), await watched({ precompute: false })];
  const { stack } = await kept.learner.tta(3);
  for (const [i, view] of (await images.learner.tta(3)).stack.entries()) expectClose(stack[i] as Float32Array, view);
  const views = { "view 1 of the validation images": 8, "view 2 of the validation images": 8 };
  expect(kept.computed).toEqual({ "the validation images": 8, ...views });
  const tasks = new Set<string>();
  await kept.learner.tta(2, { onProgress: ({ task }) => void tasks.add(task) });
  expect([...tasks].filter((task) => task.startsWith("Computing"))).toEqual([]);
});

test("thaw says so where augmentation or precompute has no effect", async () => {
  const inactive = "Augmentation is inactive while precompute is on: training uses cached activations";
  const same = "precomputeViews is 2, but the training transform leaves nothing to chance: all views are the same";
  const once = "Augmentation hardly has an effect while precomputeViews is 1: each epoch shows the same view of an image";
  const idle = "Precompute has no effect while all layers train: training uses images";
  for (const [options, of, said] of [
    [{}, data, [inactive]],
    [{ precomputeViews: 2 }, data, []],
    [{ precomputeViews: 1 }, data, [once]],
    [{ precomputeViews: 2 }, await tinyData(folder), [same]],
    [{}, await tinyData(folder), []],
    [{ precompute: false, precomputeViews: 2 }, data, []],
  ] as const) {
    const { learner, warnings } = await watched(options, of);
    await learner.fit(0.01, 1);
    expect(warnings).toEqual(said);
  }
  const { learner, warnings } = await watched({});
  learner.unfreeze();
  learner.precompute = true;
  await learner.fit(0.001, 1);
  expect(warnings).toEqual([idle]);
});

test("without chance the views are one", async () => {
  const { learner, computed } = await watched({ precomputeViews: 4 }, await tinyData(folder));
  await learner.fit(0.01, 3);
  expect(Object.keys(computed)).toEqual(["view 1 of the training images", "the validation images"]);
});

test("a number of views that cannot be is refused", async () => {
  await expect(watched({ precomputeViews: -1 })).rejects.toThrow(
    "Expected a whole number of at least 0 for precomputeViews but received -1",
  );
});
