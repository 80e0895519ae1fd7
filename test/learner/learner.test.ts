// What training does and does not change, on a tiny network.

import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ConvLearner, type ImageClassifierData, type LearnerOptions, loadClassifier, transformsSideOn } from "../../src/index.ts";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "./tiny.ts";

let folder: string;
let weights: string;
let data: ImageClassifierData;

beforeAll(async () => {
  [folder, weights] = await Promise.all([makePictures(20, 10), makeWeights()]);
  data = await tinyData(folder);
});

async function learnerOf(options: Partial<LearnerOptions> = {}, of: ImageClassifierData = data): Promise<ConvLearner> {
  return ConvLearner.pretrained(tiny, of, { weights, seed: 7, ...options });
}

function valuesOf(learner: ConvLearner, prefix: string): readonly number[] {
  return [...learner.parameters].filter(([name]) => name.startsWith(prefix)).flatMap(([, value]) => Array.from(value.data as Float32Array));
}

describe("freezing", () => {
  test("a frozen body keeps its weights and batch-norm statistics bit for bit, and the head learns", async () => {
    const learner = await learnerOf();
    const [body, head] = [["a.", "b.", "c."].flatMap((stage) => valuesOf(learner, stage)), valuesOf(learner, "head.")];
    const epochs = await learner.fit(0.005, 12);
    expect(["a.", "b.", "c."].flatMap((stage) => valuesOf(learner, stage))).toEqual(body);
    expect(valuesOf(learner, "head.")).not.toEqual(head);
    expect(epochs.at(-1)?.accuracy).toBeGreaterThan(0.9);
  });

  test("freezeTo(1) trains the second group and leaves the first as it is", async () => {
    const learner = await learnerOf();
    const before = { a: valuesOf(learner, "a."), c: valuesOf(learner, "c.") };
    learner.freezeTo(1);
    await learner.fit(0.01, 1);
    expect(valuesOf(learner, "a.")).toEqual(before.a);
    expect(valuesOf(learner, "c.")).not.toEqual(before.c);
  });

  test("unfreeze trains every group, and bnFreeze keeps the running statistics while scale and shift train", async () => {
    const learner = await learnerOf();
    learner.unfreeze();
    learner.bnFreeze = true;
    const before = { mean: valuesOf(learner, "a.bn.running_mean"), scale: valuesOf(learner, "a.bn.weight") };
    await learner.fit([0.001, 0.01, 0.05], 1);
    expect(valuesOf(learner, "a.bn.running_mean")).toEqual(before.mean);
    expect(valuesOf(learner, "a.bn.weight")).not.toEqual(before.scale);
    learner.bnFreeze = false;
    await learner.fit([0.001, 0.01, 0.05], 1);
    expect(valuesOf(learner, "a.bn.running_mean")).not.toEqual(before.mean);
  });

  test("a group that is frozen right of ones that train keeps its weights and statistics bit for bit, and lets the gradient through", async () => {
    const learner = await learnerOf();
    learner.unfreeze();
    learner.freezeGroups([-1]);
    expect(learner.trained).toEqual([0, 1]);
    const before = { a: valuesOf(learner, "a."), statistics: valuesOf(learner, "a.bn.running"), head: valuesOf(learner, "head.") };
    await learner.fit([0.01, 0.01, 0.01], 1);
    expect(valuesOf(learner, "head.")).toEqual(before.head);
    expect(valuesOf(learner, "a.")).not.toEqual(before.a);
    expect(valuesOf(learner, "a.bn.running")).not.toEqual(before.statistics);
  });

  test("groups are frozen and unfrozen one by one, but never all", async () => {
    const learner = await learnerOf();
    learner.unfreezeGroups([0]);
    expect(learner.trained).toEqual([0, 2]);
    const before = { b: valuesOf(learner, "b."), c: valuesOf(learner, "c.") };
    await learner.fit(0.01, 1);
    expect(valuesOf(learner, "c.")).toEqual(before.c);
    expect(valuesOf(learner, "b.")).not.toEqual(before.b);
    expect(() => learner.freezeGroups([0, 2])).toThrow("Expected to leave a layer group that trains for freezeGroups but received [0,2]");
    expect(() => learner.unfreezeGroups([5])).toThrow("Expected a whole number from -3 to 2 for unfreezeGroups but received 5");
  });

  test("a number of learning rates that is not the number of layer groups is refused", async () => {
    const learner = await learnerOf();
    await expect(learner.fit([0.1, 0.2], 1)).rejects.toThrow("Expected 1 or 3 for the number of learning rates but received 2");
    expect(() => learner.freezeTo(3)).toThrow("Expected a whole number from -3 to 2 for freezeTo but received 3");
  });
});

describe("repeating", () => {
  test("the same seed gives the same weights, and the finder leaves no trace", async () => {
    const [plain, searched] = [await learnerOf(), await learnerOf()];
    const found = await searched.lrFind({ steps: 20 });
    expect(found.lrs.length).toBeGreaterThan(10);
    await plain.fit(0.05, 1);
    await searched.fit(0.05, 1);
    expect(valuesOf(searched, "")).toEqual(valuesOf(plain, ""));
  });

  test("another seed gives other weights", async () => {
    const [one, two] = [await learnerOf(), await learnerOf({ seed: 8 })];
    expect(valuesOf(one, "head.fc0.weight")).not.toEqual(valuesOf(two, "head.fc0.weight"));
  });
});

describe("precompute", () => {
  test("training on cached activations is training on images through the frozen body", async () => {
    const [cached, images] = [await learnerOf({ precompute: true }), await learnerOf()];
    await cached.fit(0.05, 1);
    await images.fit(0.05, 1);
    const [a, b] = [valuesOf(cached, "head."), valuesOf(images, "head.")];
    expect(a.every((value, i) => Math.abs(value - b[i]!) < 1e-4)).toBe(true);
  });

  test("activations are computed once: a second learner reads them", async () => {
    const cache = await temporaryFolder();
    const counts: number[] = [];
    for (let run = 0; run < 2; run++) {
      let computed = 0;
      const learner = await learnerOf({
        precompute: true,
        cache,
        onProgress({ task, done }) {
          if (task.startsWith("Computing")) computed = Math.max(computed, done);
        },
      });
      await learner.fit(0.05, 1);
      counts.push(computed);
    }
    expect(counts).toEqual([40, 0]);
  });

  test("it works at any freeze point, and unfreeze switches it off", async () => {
    const learner = await learnerOf({ precompute: true });
    learner.freezeTo(1);
    await learner.fit(0.01, 1);
    learner.unfreeze();
    expect(learner.precompute).toBe(false);
    await learner.fit(0.01, 1);
  });

  test("switched on where augmentation is asked for, it says that augmentation is inactive", async () => {
    const messages: string[] = [];
    const learner = await learnerOf(
      { precompute: true, onWarning: ({ message }) => void messages.push(message) },
      await tinyData(folder, { augTfms: transformsSideOn }),
    );
    await learner.fit(0.05, 1);
    expect(messages).toEqual(["Augmentation is inactive while precompute is on: training uses cached activations"]);
  });
});

describe("batches", () => {
  test("a last batch of one image joins the batch before it", async () => {
    const learner = await learnerOf({}, await tinyData(folder, { bs: 13 })); // 40 = 13 + 13 + 14
    learner.unfreeze();
    await expect(learner.fit(0.01, 1)).resolves.toHaveLength(1);
  });

  test("an aborted signal stops training with its reason", async () => {
    const learner = await learnerOf();
    const stop = new AbortController();
    const training = learner.fit(0.05, 5, { signal: stop.signal, onEpoch: () => stop.abort(new Error("enough")) });
    await expect(training).rejects.toThrow("enough");
  });
});

describe("predicting", () => {
  test("test-time augmentation stacks the plain prediction once and each of four views, and averages them", async () => {
    const learner = await learnerOf({}, await tinyData(folder, { augTfms: transformsSideOn }));
    await learner.fit(0.05, 1);
    const { probabilities } = await learner.predict();
    const { stack, probabilities: mean, files } = await learner.tta(4);
    expect(stack).toHaveLength(5);
    expect(stack[0]).toEqual(probabilities);
    expect(mean[0]).toBeCloseTo(stack.reduce((sum, view) => sum + view[0]!, 0) / 5, 6);
    expect(files[0]).toBe("valid/blue/0.png");
  });
});

test("other data of the same classes goes on with the weights, at another size too", async () => {
  const learner = await learnerOf();
  await learner.fit(0.05, 1);
  const head = valuesOf(learner, "head.");
  await learner.setData(await data.withSize(48));
  expect(valuesOf(learner, "head.")).toEqual(head);
  await learner.fit(0.05, 1);
  await rm(join(dirname(folder), ".thaw"), { recursive: true, force: true });
});

test.each([false, true])("other data at another size keeps the weights of a trained body too, with precompute %s", async (precompute) => {
  const learner = await learnerOf();
  const start = valuesOf(learner, "a.");
  learner.unfreeze();
  await learner.fit([0.01, 0.01, 0.05], 1);
  learner.precompute = precompute;
  const trained = valuesOf(learner, "");
  expect(valuesOf(learner, "a.")).not.toEqual(start);
  for (const size of [48, 24]) {
    await learner.setData(await data.withSize(size));
    expect(valuesOf(learner, "")).toEqual(trained);
    expect([learner.data.size, learner.precompute, learner.trained]).toEqual([size, precompute, [2]]);
  }
  // What is kept of the validation images is that of the new size: the same as of images of which nothing is kept.
  const { probabilities } = await learner.predict();
  expect(probabilities).toBeAllClose((await learner.predict({ of: { folder: join(folder, "valid") } })).probabilities, 1e-5);
  const [body, head] = [["a.", "b.", "c."].flatMap((stage) => valuesOf(learner, stage)), valuesOf(learner, "head.")];
  await learner.fit(0.05, 1);
  expect(["a.", "b.", "c."].flatMap((stage) => valuesOf(learner, stage))).toEqual(body);
  expect(valuesOf(learner, "head.")).not.toEqual(head);
});

test("loadClassifier refuses a folder that is not a model, naming it and the cure", async () => {
  const error = await loadClassifier(folder).catch((reason: Error & { hint?: string }) => reason);
  expect(String(error)).toContain(`${folder} is not a model folder: cannot read ${join(folder, "model.json")}`);
});
