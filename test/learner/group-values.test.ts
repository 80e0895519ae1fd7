// What vectors of learning rates and of weight decays do to the layer groups, each by one step on all images whose gradient is the same.

import { beforeAll, describe, expect, test } from "vitest";
import { adam, ConvLearner, type FitOptions, type GroupValues, type ImageClassifierData, type Optimizer, sgd } from "../../src/index.ts";
import { makePictures, makeWeights, tiny, tinyData } from "./tiny.ts";

let weights: string;
let data: ImageClassifierData;

beforeAll(async () => {
  weights = await makeWeights();
  data = await tinyData(await makePictures(8, 2));
});

/** Prefixes of the parameters of each layer group. */
const GROUPS = [["a.", "b."], ["c."], ["head."]] as const;

/** The values of what trains in each layer group: all but batch norm's statistics. */
function groupsOf({ parameters }: ConvLearner): readonly (readonly number[])[] {
  return GROUPS.map((prefixes) =>
    [...parameters]
      .filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix)) && !name.includes("running"))
      .flatMap(([, { data: values }]) => Array.from(values as Float32Array)),
  );
}

/** The layer groups before and after one step: without dropout, and with batch norm's statistics frozen. */
async function step(lrs: GroupValues, { optimizer = sgd({ momentum: 0 }), ...options }: FitOptions & { optimizer?: Optimizer } = {}) {
  const learner = await ConvLearner.pretrained(tiny, data, { weights, seed: 7, ps: 0, optimizer });
  learner.unfreeze();
  learner.bnFreeze = true;
  const before = groupsOf(learner);
  await learner.fit(lrs, 1, { bs: data.train.length, ...options });
  expect(learner.sched?.lrs).toHaveLength(1);
  const after = groupsOf(learner);
  await learner.dispose();
  return { before, after, moved: difference(after, before) };
}

function difference(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return a.map((values, group) => values.map((value, i) => value - b[group]![i]!));
}

describe("rates of the layer groups", () => {
  test("a group with a rate of 0 keeps its weights bit for bit while the others learn", async () => {
    const learner = await ConvLearner.pretrained(tiny, data, { weights, seed: 7 });
    learner.unfreeze();
    learner.bnFreeze = true;
    const before = learner.parameters;
    await learner.fit([0, 0.01, 0.01], 2);
    for (const [name, { data: values }] of learner.parameters) {
      const same = expect(values, name);
      if (name.includes("running") || name.startsWith("a.") || name.startsWith("b.")) same.toEqual(before.get(name)?.data);
      else same.not.toEqual(before.get(name)?.data);
    }
  });

  test("twice the rate of one group makes its first step twice as long, and no other", async () => {
    const [once, twice] = [await step([0.1, 0.1, 0.1]), await step([0.1, 0.2, 0.1])];
    expect(twice.after[0]).toEqual(once.after[0]);
    expect(twice.after[2]).toEqual(once.after[2]);
    expect(twice.moved[1]).toBeAllClose(once.moved[1]?.map((length) => 2 * length) ?? [], 1e-3);
  });
});

describe("weight decays of the layer groups", () => {
  test("each pulls its own group by rate · decay · weight, so that twice the decay pulls twice as far", async () => {
    const lr = 0.1;
    const plain = await step(lr);
    for (const wds of [
      [0.5, 0.5, 0.5],
      [0.5, 1, 0],
    ]) {
      const decayed = await step(lr, { wds });
      const pull = difference(plain.after, decayed.after);
      for (const [group, wd] of wds.entries())
        expect(pull[group]).toBeAllClose(
          plain.before[group]!.map((weight) => lr * wd * weight),
          wd === 0 ? 0 : 1e-4,
        );
    }
  });

  test("with useWdSched the weights shrink by 1 − rate · decay outside of Adam's step", async () => {
    const [lrs, wds] = [
      [0.01, 0.02, 0.03],
      [0, 1, 2],
    ] as const;
    const plain = await step(lrs, { optimizer: adam() });
    const decoupled = await step(lrs, { optimizer: adam(), wds, useWdSched: true });
    // w·(1 − lr·wd), and Adam's step as without decay.
    const byHand = plain.before.map((group, g) => group.map((weight, i) => weight * (1 - lrs[g]! * wds[g]!) + plain.moved[g]![i]!));
    for (const [group, values] of byHand.entries()) expect(decoupled.after[group]).toBeAllClose(values, 1e-6);
    const inside = await step(lrs, { optimizer: adam(), wds });
    expect(inside.after[0]).toEqual(plain.after[0]);
    expect(inside.after[1]).not.toBeAllClose(byHand[1] ?? [], 1e-3);
  });
});
