// The optimisers inside the training step against PyTorch's, and what the trainer keeps apart.

import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { float32, type Tensor, zeros } from "../../core/tensor.ts";
import { dropout, linear } from "../../nn/layers.ts";
import type { Stage } from "../../nn/scope.ts";
import { adam, adamW, decoupled, type Optimizer, rmsProp, sgd } from "./optimizer.ts";
import { Trainer, type TrainerOptions } from "./trainer.ts";
import type { Objective } from "./training-step.ts";

interface Reference {
  readonly inputs: readonly number[][][];
  readonly targets: readonly number[][][];
  readonly weight: readonly number[][];
  readonly bias: readonly number[];
  readonly cases: readonly {
    name: string;
    clip: number | null;
    losses: readonly number[];
    weight: readonly number[][];
    bias: readonly number[];
  }[];
}

const reference: Reference = JSON.parse(await readFile(new URL("../../../test/reference/optimizers.json", import.meta.url), "utf8"));
const optimizers: Readonly<Record<string, Optimizer>> = {
  sgd: sgd(),
  "sgd clipped": sgd(),
  adam: adam(),
  adamw: adamW(),
  rmsprop: rmsProp(),
  "rmsprop with momentum": rmsProp({ momentum: 0.9 }),
};
const layer: Stage = { name: "fc", group: 0, apply: (scope, x) => linear(scope, "fc", x, 3) };

function matrix(rows: readonly (readonly number[])[]): Tensor<"float32"> {
  return float32(rows.flat(), [rows.length, rows[0]!.length]);
}

function trainerOf(options: Partial<TrainerOptions> = {}): Trainer {
  const parameters = new Map([
    ["fc.weight", matrix(reference.weight)],
    ["fc.bias", float32(reference.bias)],
  ]);
  const base = {
    stages: [layer],
    inputType: "float32",
    itemShape: [4],
    classes: 3,
    parameters,
    trainable: () => true,
    bnFreeze: false,
    optimizer: sgd(),
    session: {},
    seed: 0,
  } as const;
  return new Trainer({ ...base, ...options });
}

const settings = (momentum: number) => ({ lrs: [0.1], momentums: [momentum], weightDecays: [0.02] });

describe("five steps follow PyTorch's", () => {
  test.each(reference.cases)("$name", async ({ name, clip, losses, weight, bias }) => {
    const optimizer = optimizers[name] as Optimizer;
    const trainer = trainerOf({ optimizer, clip: clip ?? undefined });
    for (const [i, rows] of reference.inputs.entries()) {
      const loss = await trainer.step({ input: matrix(rows), targets: matrix(reference.targets[i]!) }, settings(optimizer.momentum), [i]);
      expect(loss).toBeCloseTo(losses[i]!, 5);
    }
    expect((await trainer.parameters()).get("fc.weight")?.data).toBeAllClose(weight.flat(), 1e-5);
    expect((await trainer.parameters()).get("fc.bias")?.data).toBeAllClose(bias, 1e-5);
    await trainer.release();
  });
});

test("Adam with its decay taken out of the gradient is AdamW", async () => {
  const { losses, weight } = reference.cases.find(({ name }) => name === "adamw")!;
  const trainer = trainerOf({ optimizer: decoupled(adam({ beta2: 0.99, epsilon: 1e-5 })) });
  for (const [i, rows] of reference.inputs.entries())
    expect(await trainer.step({ input: matrix(rows), targets: matrix(reference.targets[i]!) }, settings(0.9), [i])).toBeCloseTo(
      losses[i]!,
      5,
    );
  expect((await trainer.parameters()).get("fc.weight")?.data).toBeAllClose(weight.flat(), 1e-5);
  await trainer.release();
});

test.each(Object.entries(optimizers))(
  "%s on gradients added up over 1, 3 and 2 images is the same as on the six of one batch",
  async (_, optimizer) => {
    const [whole, parts] = [trainerOf({ optimizer, clip: 0.5 }), trainerOf({ optimizer, clip: 0.5, accumulate: true })];
    for (const [i, rows] of reference.inputs.entries()) {
      const targets = reference.targets[i]!;
      await whole.step({ input: matrix(rows), targets: matrix(targets) }, settings(optimizer.momentum), [i]);
      for (const [from, to] of [
        [0, 1],
        [1, 4],
        [4, 6],
      ] as const) {
        const batch = { input: matrix(rows.slice(from, to)), targets: matrix(targets.slice(from, to)) };
        await parts.step(batch, { ...settings(optimizer.momentum), apply: to === 6 }, [i]);
      }
    }
    expect((await parts.parameters()).get("fc.weight")?.data).toBeAllClose(
      (await whole.parameters()).get("fc.weight")?.data as Float32Array,
      1e-5,
    );
    expect((await parts.state()).steps).toBe(reference.inputs.length);
    await Promise.all([whole.release(), parts.release()]);
  },
);

test("a snapshot is not changed by later steps, and the parameters given are never written to", async () => {
  const given = matrix(reference.weight);
  const trainer = trainerOf({
    parameters: new Map([
      ["fc.weight", given],
      ["fc.bias", float32(reference.bias)],
    ]),
  });
  const batch = { input: matrix(reference.inputs[0]!), targets: matrix(reference.targets[0]!) };
  await trainer.step(batch, settings(0.9), [0]);
  const kept = (await trainer.snapshot()).get("fc.weight")!;
  const before = Array.from(kept.data as Float32Array);
  for (let i = 1; i < 4; i++) await trainer.step(batch, settings(0.9), [i]);
  expect(Array.from(kept.data as Float32Array)).toEqual(before);
  expect(Array.from(given.data)).toEqual(Array.from(matrix(reference.weight).data));
  await trainer.release();
});

test("dropout drops its share, scales the rest, and draws anew with each key", async () => {
  const stage: Stage = { name: "fc", group: 0, apply: (scope, x) => linear(scope, "fc", dropout(scope, "drop", x, 0.25), 3) };
  const losses: number[] = [];
  for (const key of [1, 1, 2]) {
    const trainer = trainerOf({ stages: [stage] });
    losses.push(await trainer.step({ input: matrix(reference.inputs[0]!), targets: matrix(reference.targets[0]!) }, settings(0), [key]));
    await trainer.release();
  }
  expect(losses[0]).toBe(losses[1]);
  expect(losses[0]).not.toBe(losses[2]);
});

/** Holds the outputs to targets of their own shape by their squared error. */
const squaredError: Objective = {
  targetShape: [3],
  loss(graph, output, targets) {
    const gap = graph.add("Sub", [output, targets]);
    const squares = graph.add("Mul", [gap, gap]);
    const loss = graph.add("ReduceMean", [squares, graph.ints([0, 1])], { keepdims: 0 });
    return { loss, parts: { largest: graph.add("ReduceMax", [squares, graph.ints([0, 1])], { keepdims: 0 }) } };
  },
};

test("an objective of one's own takes the place of the cross-entropy, and its parts can be watched", async () => {
  const trainer = trainerOf({ objective: squaredError });
  const batch = { input: matrix(reference.inputs[0]!), targets: matrix(reference.targets[0]!) };
  const losses: number[] = [];
  for (let i = 0; i < 60; i++) losses.push(await trainer.step(batch, settings(0), [i]));
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  expect(trainer.parts.largest).toBeGreaterThan(losses.at(-1)!);
  await trainer.release();
});

test.each(Object.entries(optimizers))("%s goes on from its state as if it had not been interrupted", async (_, optimizer) => {
  const batches = reference.inputs.map((rows, i) => ({ input: matrix(rows), targets: matrix(reference.targets[i]!) }));
  const whole = trainerOf({ optimizer });
  for (const [i, batch] of batches.entries()) await whole.step(batch, settings(optimizer.momentum), [i]);

  const first = trainerOf({ optimizer });
  for (const [i, batch] of batches.slice(0, 2).entries()) await first.step(batch, settings(optimizer.momentum), [i]);
  const second = trainerOf({ optimizer, parameters: await first.parameters(), resume: await first.state() });
  await first.release();
  for (const [i, batch] of batches.slice(2).entries()) await second.step(batch, settings(optimizer.momentum), [i + 2]);

  expect((await second.parameters()).get("fc.weight")?.data).toEqual((await whole.parameters()).get("fc.weight")?.data);
  await Promise.all([whole.release(), second.release()]);
});

test.each(["__proto__", "constructor"])('a parameter may be called "%s", as in a file from elsewhere', async (name) => {
  const stage: Stage = {
    name: "odd",
    group: 0,
    apply: (scope, x) => scope.graph.add("MatMul", [x, scope.parameter(name, [4, 3], "weight")]),
  };
  const start = float32(
    Array.from({ length: 12 }, (_, i) => i / 12),
    [4, 3],
  );
  const trainer = trainerOf({ stages: [stage], parameters: new Map([[name, start]]) });
  await trainer.step({ input: matrix(reference.inputs[0]!), targets: matrix(reference.targets[0]!) }, settings(0), [0]);
  expect((await trainer.parameters()).get(name)?.data).not.toEqual(start.data);
  await trainer.release();
});

test.each(["sgd", "adam", "rmsprop with momentum"])(
  "the state of %s is updated in its own memory, while weights have two arrays that take turns",
  async (name) => {
    const trainer = trainerOf({ optimizer: optimizers[name] as Optimizer, session: { device: "cpu" } });
    const batch = { input: matrix(reference.inputs[0] as number[][]), targets: matrix(reference.targets[0] as number[][]) };
    const arrays = async (): Promise<{ state: readonly unknown[]; weight: unknown }> => ({
      state: [...(await trainer.state()).tensors.values()].map(({ data }) => data),
      weight: (await trainer.parameters()).get("fc.weight")?.data,
    });
    await trainer.step(batch, { lrs: [0.1], momentums: [0.9], weightDecays: [0] }, [0]);
    const first = await arrays();
    await trainer.step(batch, { lrs: [0.1], momentums: [0.9], weightDecays: [0] }, [1]);
    const second = await arrays();
    expect(second.state.length).toBeGreaterThan(0);
    expect(second.state.every((data, i) => data === first.state[i])).toBe(true);
    expect(second.weight).not.toBe(first.weight);
    await trainer.release();
  },
);

test("on the CPU further large steps take no more memory than the first", async () => {
  // Ten activations of 2 MiB times the batch and three columns, which a plan of the memory would take a second time.
  const long = 2 ** 19;
  const tall: Stage = {
    name: "tall",
    group: 0,
    apply: (scope, x) => {
      const { graph } = scope;
      const narrow = graph.add("Unsqueeze", [linear(scope, "fc", x, 3), graph.ints([2])]);
      let y = graph.add("Add", [narrow, graph.constant(zeros("float32", [1, 1, long]))]);
      for (let i = 0; i < 10; i++) y = graph.add("Tanh", [y]);
      return graph.add("ReduceMean", [y, graph.ints([2])], { keepdims: 0 });
    },
  };
  const trainer = trainerOf({ stages: [tall], session: { device: "cpu", threads: 1 } });
  const batch = { input: matrix(reference.inputs[0] as number[][]), targets: matrix(reference.targets[0] as number[][]) };
  await trainer.step(batch, settings(0), [0]);
  const first = process.memoryUsage().rss;
  for (let i = 1; i < 4; i++) await trainer.step(batch, settings(0), [i]);
  const activations = 10 * 4 * long * 3 * (reference.inputs[0] as number[][]).length;
  expect(process.memoryUsage().rss - first).toBeLessThan(activations / 2);
  await trainer.release();
});
