// The trainer on every engine: as on the platform's own processor, and on WebGPU without copies of what stays there.

import { describe, expect, inject, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { sizeOf, type Tensor } from "../../src/core/tensor.ts";
import { startParameters } from "../../src/learner/models/pretrained.ts";
import { networkOf } from "../../src/learner/network.ts";
import { adamW, sgd } from "../../src/learner/step/optimizer.ts";
import { type Step, Trainer, type TrainerOptions } from "../../src/learner/step/trainer.ts";
import { oneHot } from "../../src/learner/task/one-hot.ts";
import { thawSmall } from "../../src/nn/architectures/thaw-small.ts";
import { architectureOf } from "../../src/nn/catalogue.ts";
import { createHead } from "../../src/nn/head.ts";
import { initialiseParameters } from "../../src/nn/initialise.ts";
import { describeParameters } from "../../src/nn/scope.ts";
import type { Device } from "../../src/runtime/engine.ts";
import { contract } from "./device.ts";
import { allocatedBy, wasmModule } from "./wasm-module.ts";

const device = inject("device");
const [batch, classes, features, hidden] = [8, 3, 24, 16];
const tolerance = device === "webgpu" ? 1e-3 : 1e-4;
/** What the device does in a step of the head; more need a reason. */
const DISPATCHES = 127;

/** A head on cached activations: batch norm, dropout, two matrix products. */
const stages = createHead({ features: features / 2, classes, hidden: [hidden] }).slice(1);

function uniform(shape: readonly number[], key: string): Tensor<"float32"> {
  const random = randomStream(key);
  return { type: "float32", shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(0, 1)) };
}

function trainerOn(on: Device | undefined, more: Partial<TrainerOptions> = {}): Trainer {
  return new Trainer({
    stages,
    inputType: "float32",
    itemShape: [features],
    classes,
    parameters: initialiseParameters(describeParameters(stages, [batch, features]), "trainer"),
    trainable: () => true,
    bnFreeze: false,
    optimizer: sgd(),
    session: on ? { device: on } : {},
    seed: 1,
    ...more,
  });
}

const settings = { lrs: [0.01, 0.01, 0.01], momentums: [0.9, 0.9, 0.9], weightDecays: [1e-4, 1e-4, 1e-4] };

/** Step `i`, on one of three batches. */
function stepOf(i: number, images = batch): Step {
  const labels = Array.from({ length: images }, (_, k) => (k + i) % classes);
  return { batch: { input: uniform([images, features], `batch ${i % 3}`), targets: oneHot(labels, classes) }, settings, key: [i] };
}

async function step(trainer: Trainer, i: number, images = batch): Promise<number> {
  const { batch, settings, key } = stepOf(i, images);
  return trainer.step(batch, settings, key);
}

/** A software driver takes long to compile the first step. */
const patient = { timeout: 240_000 };

contract("trainer", patient, () => {
  test("20 steps give the losses and the parameters of the platform's own processor", async () => {
    const [own, tested] = [trainerOn(undefined), trainerOn(device)];
    const losses: Record<"own" | "tested", number[]> = { own: [], tested: [] };
    for (let i = 0; i < 20; i++) {
      losses.own.push(await step(own, i));
      losses.tested.push(await step(tested, i));
    }
    expect(losses.own.at(-1)).toBeLessThan(losses.own[0]!);
    expect(losses.tested).toBeAllClose(losses.own, tolerance);
    const parameters = await tested.parameters();
    for (const [name, { data }] of await own.parameters()) expect(parameters.get(name), name).toBeAllClose(data as Float32Array, tolerance);
    await Promise.all([own.release(), tested.release()]);
  });

  test("a trainer goes on from the state of another as if nothing had happened, also with batches of another size", async () => {
    const losses = async (trainer: Trainer, from: number, to: number): Promise<number[]> => {
      const all: number[] = [];
      for (let i = from; i < to; i++) all.push(await step(trainer, i, i % 2 === 0 ? batch : batch - 2));
      return all;
    };
    const whole = trainerOn(device, { accumulate: true, clip: 1 });
    const expected = await losses(whole, 0, 5);
    const first = trainerOn(device, { accumulate: true, clip: 1 });
    const before = await losses(first, 0, 3);
    const second = trainerOn(device, { accumulate: true, clip: 1, parameters: await first.snapshot(), resume: await first.state() });
    expect([...before, ...(await losses(second, 3, 5))]).toEqual(expected);
    await Promise.all([whole, first, second].map((trainer) => trainer.release()));
  });

  test.each<[string, Partial<TrainerOptions>]>([
    ["SGD", {}],
    ["AdamW", { optimizer: adamW(), clip: 1 }],
    ["SGD on gradients of two batches", { accumulate: true }],
  ])("several steps together are the same steps, to the bit: %s", async (_, more) => {
    const [single, several] = [trainerOn(device, more), trainerOn(device, more)];
    const most = await several.together(batch);
    expect(most).toBe(device === "cpu" ? 4 : 1);
    // A group of four, one step, another group, and two steps that are fewer than a group has.
    const groups = [4, 1, 4, 2].flatMap((count) => (most === 1 ? Array<number>(count).fill(1) : [count]));
    let next = 0;
    for (const count of groups) {
      const steps = Array.from({ length: count }, (_, i) => {
        const made = stepOf(next + i);
        const lrs = settings.lrs.map((lr) => lr / (1 + next + i));
        return { ...made, settings: { ...settings, lrs, apply: more.accumulate ? (next + i) % 2 === 1 : true } };
      });
      next += count;
      const losses = await several.steps(steps);
      const expected: number[] = [];
      for (const { batch, settings, key } of steps) expected.push(await single.step(batch, settings, key));
      expect(losses).toEqual(expected);
    }
    const [parameters, state] = [await several.parameters(), await several.state()];
    for (const [name, { data }] of await single.parameters()) expect(parameters.get(name)?.data, name).toEqual(data);
    for (const [name, { data }] of (await single.state()).tensors) expect(state.tensors.get(name)?.data, name).toEqual(data);
    expect(state.steps).toBe((await single.state()).steps);
    await Promise.all([single.release(), several.release()]);
  });

  test("a snapshot is not changed by later steps", async () => {
    const trainer = trainerOn(device);
    await step(trainer, 0);
    const snapshot = await trainer.snapshot();
    const before = Array.from(snapshot.get("head.fc0.weight")?.data as Float32Array);
    await step(trainer, 1);
    expect(Array.from(snapshot.get("head.fc0.weight")?.data as Float32Array)).toEqual(before);
    expect((await trainer.parameters()).get("head.fc0.weight")).not.toBeAllClose(before, 1e-6);
    await trainer.release();
  });
});

describe.skipIf(device !== "wasm")("a trainer on WebAssembly", () => {
  /** 10 MB of parameters and state with the spare ones. */
  const large = { itemShape: [1024], stages: createHead({ features: 512, classes, hidden: [512] }).slice(1), optimizer: adamW() };
  const images = 4;
  const open = () => {
    const parameters = initialiseParameters(describeParameters(large.stages, [images, 1024]), "trainer");
    return trainerOn(device, { ...large, parameters });
  };
  const batchOf = (i: number) => ({ input: uniform([images, 1024], `large ${i}`), targets: uniform([images, classes], "targets") });

  test("copies the batch and nothing of what it carries", async () => {
    const trainer = open();
    for (let i = 0; i < 2; i++) await trainer.step(batchOf(i), settings, [i]);
    const bytes = await allocatedBy(() => trainer.step(batchOf(2), settings, [2]));
    await trainer.release();
    // Masks of dropout are fed too; beside them go scalars and settings.
    const batch = 4 * images * (1024 + classes + 1024 + 512);
    expect(bytes).toBeGreaterThanOrEqual(batch);
    expect(bytes).toBeLessThan(batch + 1000);
  });

  test("gives copies of what it carries, which later steps leave alone", async () => {
    const trainer = trainerOn(device, { optimizer: adamW() });
    await step(trainer, 0);
    const read = async () => [...(await trainer.parameters()), ...(await trainer.state()).tensors];
    const before = await read();
    const values = before.map(([, { data }]) => data.slice());
    for (let i = 1; i < 4; i++) await step(trainer, i);
    expect(before.map(([, { data }]) => data)).toEqual(values);
    const after = new Map(await read());
    for (const [name, { data }] of before) expect(after.get(name)?.data, name).not.toEqual(data);
    await trainer.release();
    expect(before.map(([, { data }]) => data)).toEqual(values);
  });

  test("leaves no memory behind, fifty times", { timeout: 240_000 }, async () => {
    const once = async () => {
      const trainer = open();
      const loss = await trainer.step(batchOf(0), settings, [0]);
      await trainer.release();
      return loss;
    };
    const first = await once();
    for (let i = 0; i < 4; i++) await once();
    const { HEAPU8 } = await wasmModule();
    for (let i = 0; i < 50; i++) expect(await once()).toBe(first);
    expect((await wasmModule()).HEAPU8.length).toBe(HEAPU8.length);
  });

  test("that is released ends the step that runs, and begins no other", async () => {
    const [trainer, other] = [open(), open()];
    for (const each of [trainer, other]) await each.step(batchOf(0), settings, [0]);
    const expected = await other.step(batchOf(1), settings, [1]);
    const running = trainer.step(batchOf(1), settings, [1]);
    // It compiles first.
    for (let i = 0; i < 20; i++) await Promise.resolve();
    await trainer.release();
    expect(await running).toBe(expected);
    await expect(trainer.step(batchOf(2), settings, [2])).rejects.toThrow("The values have been released");
    await expect(trainer.parameters()).rejects.toThrow("The values have been released");
    await other.release();
  });
});

// The processor is what the others are compared with, and a page counts such steps on WebGPU below.
describe.skipIf(device === undefined || device === "cpu" || inject("root") !== undefined)("all layers", () => {
  test("of thaw_small: two steps have the processor's losses, and the first its gradients", { timeout: 900_000 }, async () => {
    const network = networkOf(thawSmall, { hidden: [512], ps: [0.25, 0.5] }, classes);
    const itemShape = [3, 32, 32];
    // From random weights rounding errors grow a hundredfold from step to step.
    const options = { stages: network.stages, itemShape, parameters: await startParameters(network, { seed: 1 }) };
    const rates = { ...settings, lrs: [3e-6, 3e-5, 3e-4] };
    const train = async (on: Device | undefined) => {
      const trainer = trainerOn(on, options);
      const losses: number[] = [];
      const gradients = new Map<string, Tensor["data"]>();
      for (let i = 0; i < 2; i++) {
        const targets = oneHot(
          Array.from({ length: batch }, (_, k) => (k + i) % classes),
          classes,
        );
        losses.push(await trainer.step({ input: uniform([batch, ...itemShape], `batch ${i}`), targets }, rates, [i]));
        // After one step the velocities. Those of shifts are sums that cancel, in front of batch norm to nothing.
        if (i > 0) continue;
        for (const [name, { shape, data }] of (await trainer.state()).tensors) if (shape.length > 1) gradients.set(name, data.slice());
      }
      await trainer.release();
      return { losses, gradients };
    };
    const [own, tested] = [await train(undefined), await train(device)];
    expect(tested.losses).toBeAllClose(own.losses, tolerance);
    expect(own.gradients.size).toBe(54);
    for (const [name, values] of own.gradients) expect(tested.gradients.get(name), name).toBeAllClose(values as Float32Array, 1e-3);
  });
});

/** What a page can watch of WebGPU. */
const gpu = globalThis as unknown as Record<"GPUQueue" | "GPUDevice" | "GPUBuffer" | "GPUComputePassEncoder", { prototype: object }>;

describe.skipIf(device !== "webgpu" || gpu.GPUQueue === undefined)("a step on WebGPU", patient, () => {
  test("takes the batch to the device and the loss from it, in buffers that are used again, and the same operations each time", async () => {
    const trainer = trainerOn(device);
    for (let i = 0; i < 3; i++) await step(trainer, i);
    const traffic = watchTraffic();
    for (let i = 3; i < 6; i++) await step(trainer, i);
    const { up, down, dispatches, created } = traffic.stop();
    await trainer.release();
    // Masks of dropout are drawn in the program: one of the features, one of the hidden layer.
    const floats = batch * (features + classes + features + hidden);
    // Beside them go the rate, momentum and decay of one group.
    expect(up / 3).toBe(4 * (floats + 3));
    // ONNX Runtime copies 16 bytes at a time.
    expect(down / 3).toBe(16);
    expect(created).toBe(0);
    expect(dispatches / 3).toBe(DISPATCHES);
  });

  test.each([
    // Its groups of layers, and what the device does; more need a reason.
    ["the head", { trains: "head", images: 64, groups: 1, dispatches: 127 }],
    ["all layers", { trains: "all", images: 4, groups: 3, dispatches: 3892 }],
  ] as const)("of thaw_small, %s, moves the batch up and the loss down, and nothing else", { timeout: 900_000 }, async (_, step) => {
    const { trains, images } = step;
    const { body, features } = architectureOf("thaw_small");
    const head = createHead({ features, classes });
    const all = trains === "all" ? [...body, ...head] : head.slice(1);
    const itemShape = trains === "all" ? [3, 32, 32] : [2 * features];
    const parameters = initialiseParameters(describeParameters(all, [images, ...itemShape]), "trainer");
    const trainer = trainerOn(device, { stages: all, itemShape, parameters });
    const given = { input: uniform([images, ...itemShape], "batch"), targets: uniform([images, classes], "targets") };
    await trainer.step(given, settings, [0]);
    await trainer.step(given, settings, [1]);
    const traffic = watchTraffic();
    await trainer.step(given, settings, [2]);
    const moved = traffic.stop();
    await trainer.release();
    // The masks of dropout: of what the body makes of an image, and of the hidden layer.
    const masks = images * (2 * features + 512);
    const up = 4 * (sizeOf(given.input.shape) + sizeOf(given.targets.shape) + masks + 3 * step.groups);
    expect(moved).toEqual({ up, down: 16, dispatches: step.dispatches, created: 0 });
  });

  test("that loses the device ends in an error that says so", async () => {
    const trainer = trainerOn(device);
    await step(trainer, 0);
    const { env } = (await import("#onnxruntime-web/webgpu")) as { env: { webgpu: { device: unknown } } };
    ((await env.webgpu.device) as { destroy(): void }).destroy();
    await expect(step(trainer, 1)).rejects.toThrow("The graphics processor was lost");
    await expect(trainer.parameters()).rejects.toThrow("The graphics processor was lost");
    await trainer.release();
  });
});

/** Counts what crosses between the program and the device, what the device does, and buffers for tensors. */
function watchTraffic() {
  const counts = { up: 0, down: 0, dispatches: 0, created: 0 };
  const storage = 0x80;
  const read = 0x1;
  const undo = [
    // Arguments of dispatches go up too, in buffers that are not for tensors.
    watch(gpu.GPUQueue, "writeBuffer", (_, [buffer, , data, offset = 0, bytes]) => {
      const { usage } = buffer as { usage: number };
      if (usage & storage) counts.up += (bytes as number | undefined) ?? (data as ArrayBuffer).byteLength - (offset as number);
    }),
    watch(gpu.GPUDevice, "createBuffer", (_, [description]) => {
      const { usage, mappedAtCreation, size: bytes } = description as { usage: number; mappedAtCreation?: boolean; size: number };
      if (mappedAtCreation) counts.up += bytes;
      if (usage & storage) counts.created++;
    }),
    watch(gpu.GPUBuffer, "getMappedRange", (buffer) => {
      const { usage, size: bytes } = buffer as { usage: number; size: number };
      if (usage & read) counts.down += bytes;
    }),
    watch(gpu.GPUComputePassEncoder, "dispatchWorkgroups", () => counts.dispatches++),
  ];
  return {
    stop: () => {
      for (const each of undo) each();
      return counts;
    },
  };
}

/** Calls `seen` before each call of the method; returns what ends that. */
function watch(type: { prototype: object }, name: string, seen: (self: unknown, values: readonly unknown[]) => void): () => void {
  const prototype = type.prototype as Record<string, (...values: unknown[]) => unknown>;
  const original = prototype[name] as (...values: unknown[]) => unknown;
  prototype[name] = function (this: unknown, ...values) {
    seen(this, values);
    return original.apply(this, values);
  };
  return () => {
    prototype[name] = original;
  };
}
