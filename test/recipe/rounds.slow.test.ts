// A run over several sizes and networks: each size goes on from the weights of the one before, each network begins anew, and the best of all is
// saved.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { zeros } from "../../src/core/index.ts";
import {
  ConvLearner,
  ImageClassifierData,
  type RecipeEvent,
  squeezeNet11,
  type TrainOptions,
  tfmsFromModel,
  thawSmall,
  train,
} from "../../src/index.ts";
import { networkParameters, writeSafetensors } from "../../src/nn/index.ts";
import { makePictures, temporaryFolder } from "../learner/tiny.ts";

let folder: string;
/** Weights of SqueezeNet that are all zero, so that it sees nothing. */
let blind: string;

beforeAll(async () => {
  folder = await makePictures(16, 8);
  blind = join(await temporaryFolder(), "squeezenet.safetensors");
  await writeFile(
    blind,
    writeSafetensors(new Map(networkParameters(squeezeNet11).map(({ name, shape }) => [name, zeros("float32", shape)]))),
  );
});

type Of<Name extends RecipeEvent["event"]> = Extract<RecipeEvent, { event: Name }>;

interface Outcome {
  readonly stages: readonly Of<"stageEnd">[];
  readonly epochs: readonly Of<"epoch">[];
  readonly probes: readonly Of<"probe">[];
  readonly done: Of<"done">;
  readonly architecture: string;
  readonly weights: Buffer;
}

/** Rates at which a network learns, and at which it stays as it is; for each stage. */
const [LEARNS, STAYS] = [
  [0.02, 0.01, 0.0001],
  [1e-8, 1e-8, 1e-8],
];

/** Trains, by default the shipped network, an epoch in each stage. */
async function run(name: string, options: Partial<TrainOptions>): Promise<Outcome> {
  const events: RecipeEvent[] = [];
  const out = join(folder, "..", name);
  const onEvent = (event: RecipeEvent): void => void events.push(event);
  const done = await train({ folder, out, force: false, bs: 8, seed: 3, tta: 0, epochs: [1], threads: 1, ...options, onEvent });
  const all = <Name extends RecipeEvent["event"]>(kind: Name) => events.filter((event): event is Of<Name> => event.event === kind);
  const { architecture } = JSON.parse(await readFile(join(out, "model.json"), "utf8"));
  const weights = await readFile(join(out, "weights.safetensors"));
  return { stages: all("stageEnd"), epochs: all("epoch"), probes: all("probe"), done, architecture, weights };
}

const placesOf = ({ stages }: Outcome) => stages.map(({ name, network, size }) => [name, network, size]);

describe("two sizes", () => {
  let both: Outcome;
  beforeAll(async () => {
    both = await run("sizes", { sizes: [32, 48], epochs: [7, 1, 1, 1, 1, 1], lrs: [...LEARNS, ...STAYS] });
  }, 180_000);

  test("have all stages each, the smaller one first", () => {
    expect(placesOf(both)).toEqual(
      [32, 48].flatMap((size) => ["precompute", "augment", "unfreeze"].map((name) => [name, undefined, size])),
    );
  });

  test("the second goes on with what the first has learnt, and is not begun anew by a first answer", async () => {
    expect(both.probes).toHaveLength(1);
    const first = both.epochs[9]!;
    expect(first).toMatchObject({ stage: "precompute", epoch: 1 });
    // The first size was better, so its model was saved. At a rate that moves nothing, it is what the second shows after an epoch, but for batch norm.
    const { size } = JSON.parse(await readFile(join(both.done.model, "model.json"), "utf8")).preprocessing;
    expect(size).toBe(32);
    const data = await ImageClassifierData.fromPaths(folder, { tfms: tfmsFromModel(thawSmall, 48), seed: 3 });
    const learner = await ConvLearner.load(both.done.model, data);
    const { loss, accuracy } = await learner.predict();
    await learner.dispose();
    expect(first.accuracy).toBe(accuracy);
    expect(Math.abs(first.validLoss - loss)).toBeLessThan(0.01);
    // That of a new head is about ln 2.
    expect(loss).toBeLessThan(Math.LN2 / 2);
  });

  test("end with the best of all their epochs", () => {
    expect(both.done.accuracy).toBe(Math.max(...both.epochs.map(({ accuracy }) => accuracy)));
    expect(both.stages.filter(({ kept }) => kept).map(({ name, size }) => [name, size])).toEqual(
      expect.arrayContaining([
        ["precompute", 32],
        ["precompute", 48],
      ]),
    );
  });
});

describe("two networks", () => {
  const networks = ["thaw_small", "squeezenet1_1"];
  const stages = ["precompute", "unfreeze"] as const;
  const [learns, stays] = [
    [0.1, 0.001],
    [1e-8, 1e-8],
  ];
  let alone: Outcome;
  beforeAll(async () => {
    alone = await run("alone", { sizes: [32], stages, lrs: learns });
  });

  test("have all stages each, and where the first is better, it is saved", async () => {
    const both = await run("first", { arch: networks, weights: ["", blind], sizes: [32], stages, lrs: [...learns, ...stays] });
    expect(placesOf(both)).toEqual(networks.flatMap((network) => stages.map((name) => [name, network, undefined])));
    const [first, second] = networks.map((network) =>
      Math.max(...both.stages.filter((stage) => stage.network === network).map(({ accuracy }) => accuracy)),
    );
    expect(first).toBeGreaterThan(second!);
    expect([both.done.accuracy, both.architecture]).toEqual([first, "thaw_small"]);
    expect(both.weights.equals(alone.weights)).toBe(true);
  });

  test("the second begins anew at the last size, and is saved where it is better: the bits that it gets alone", async () => {
    const both = await run("second", {
      arch: networks.toReversed(),
      weights: [blind],
      sizes: [48, 32],
      stages,
      lrs: [...stays, ...stays, ...learns],
    });
    expect(placesOf(both).filter(([name]) => name === "unfreeze")).toEqual([
      ["unfreeze", "squeezenet1_1", 48],
      ["unfreeze", "squeezenet1_1", 32],
      ["unfreeze", "thaw_small", 32],
    ]);
    expect([both.done.accuracy, both.architecture]).toEqual([alone.done.accuracy, "thaw_small"]);
    expect(both.weights.equals(alone.weights)).toBe(true);
  });
});
