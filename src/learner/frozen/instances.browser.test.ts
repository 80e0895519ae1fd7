// The frozen part in several instances of the engine, in workers of a real browser.

import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { hashJson } from "../../core/hash.ts";
import { randomStream } from "../../core/random.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { TransformSpec } from "../../data/augment/transforms.ts";
import type { ScannedItem } from "../../data/dataset/items.ts";
import { architectureOf } from "../../nn/catalogue.ts";
import { initialiseParameters } from "../../nn/initialise.ts";
import { modelOf, openSession } from "../../runtime/session.ts";
import { cutNetwork, networkOf, parametersOf } from "../network.ts";
import { imageBatches } from "./batches.ts";
import { computeChunks } from "./cache/compute.ts";
import { type FrozenPart, openFrozenPart } from "./frozen-part.ts";

vi.mock("../../runtime/session.ts", { spy: true });

const [SIZE, COUNT, MANY] = [32, 18, 1000];
const LONG = { timeout: 300_000 };

interface Started {
  readonly model: Uint8Array;
  readonly threads: number;
}

/** Starts workers as the page does, and remembers what instances were told and how many have ended. `spoil` may upset one at the `n`th run. */
function watchWorkers(spoil: (worker: Worker, n: number) => void = () => {}) {
  const seen = { started: [] as Started[], runs: 0, ended: 0 };
  vi.stubGlobal(
    "Worker",
    class extends Worker {
      override postMessage(message: Started | { readonly feeds: unknown } | { readonly cmd: string }, transfer?: unknown): void {
        if ("model" in message) seen.started.push(message);
        else if ("feeds" in message) spoil(this, seen.runs++);
        super.postMessage(message, transfer as Transferable[]);
      }
      override terminate(): void {
        seen.ended++;
        super.terminate();
      }
    },
  );
  return seen;
}

/** What the page warns of during the test. */
function warningsOfTest(): string[] {
  const warnings: string[] = [];
  const spy = vi.spyOn(console, "warn").mockImplementation((message) => void warnings.push(message));
  onTestFinished(() => spy.mockRestore());
  return warnings;
}

let open: FrozenPart[] = [];
afterEach(async () => {
  vi.unstubAllGlobals();
  vi.clearAllMocks();
  for (const part of open) await part.release();
  open = [];
});

async function openPart(threads: number): Promise<FrozenPart> {
  const architecture = architectureOf("mobilenet_v2");
  const network = networkOf({ ...architecture, size: SIZE }, { hidden: [8], ps: [0, 0] }, 2);
  const { frozen: stages } = cutNetwork(network, (group) => group === network.groups - 1);
  const parameters = initialiseParameters(parametersOf(network), "test");
  const part = openFrozenPart({ stages, parameters, size: SIZE, normalization: architecture, session: { threads } });
  open.push(part);
  return part;
}

function pixels(): Tensor<"uint8"> {
  const random = randomStream("pixels");
  const data = Uint8Array.from({ length: COUNT * SIZE * SIZE * 3 }, () => random.integer(0, 255));
  return { type: "uint8", shape: [COUNT, SIZE, SIZE, 3], data };
}

test.each([
  ["isolated", true, 2, 2, 1],
  ["isolated, and has more threads than there may be instances", true, 6, 3, 2],
  ["not isolated, and has no threads", false, 3, 3, 1],
])("many images get the same activations, to the bit, in a page that is %s", async (_, isolated, threads, instances, each) => {
  vi.stubGlobal("crossOriginIsolated", isolated);
  const seen = watchWorkers();
  const [part, batch] = [await openPart(threads), pixels()];
  const few = await part.run(batch);
  expect(seen.started).toEqual([]);
  const many = await part.run(batch, MANY);
  expect(seen.started.map(({ threads }) => threads)).toEqual(Array(instances).fill(each));
  expect(seen.runs).toBe(Math.ceil(COUNT / 4));
  expect(many.shape).toEqual(few.shape);
  expect(many.data).toEqual(few.data);
  expect(new Set(few.data as Float32Array).size).toBeGreaterThan(100);
  // The second run finds them open.
  expect((await part.run(batch, MANY)).data).toEqual(few.data);
  expect([seen.started.length, seen.ended]).toEqual([instances, 0]);
  await part.release();
  expect(seen.ended).toBe(instances);
  await expect(part.run(batch, MANY)).rejects.toThrow("released");
});

test("few images that come while instances are there need no session of the page's own, and get the same activations", async () => {
  const seen = watchWorkers();
  const [part, other, batch] = [await openPart(2), await openPart(2), pixels()];
  await part.run(batch, MANY);
  const { runs } = seen;
  const few = await part.run(batch);
  expect(seen.runs).toBe(runs + Math.ceil(COUNT / 4));
  expect(openSession).not.toHaveBeenCalled();
  expect((await other.run(batch)).data).toEqual(few.data);
  expect(openSession).toHaveBeenCalledOnce();
});

test("instances that have nothing to do end, and start again for the next image", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const seen = watchWorkers();
  const [part, batch] = [await openPart(2), pixels()];
  const first = await part.run(batch, MANY);
  vi.advanceTimersByTime(9_000);
  expect(seen.ended).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(seen.ended).toBe(2);
  expect((await part.run(batch, MANY)).data).toEqual(first.data);
  expect([seen.started.length, seen.ended]).toEqual([4, 2]);
});

/** Items with an image of one pixel each. */
function itemsOf(count: number): readonly ScannedItem[] {
  return Array.from({ length: count }, (_, i) => {
    const image = { width: 1, height: 1, data: Uint8Array.of(i & 255, i >> 8, 90) };
    return { file: `${i}`, name: `${i}.png`, label: 0, width: 1, height: 1, hash: hashJson(i), image };
  });
}
const spec: TransformSpec = { size: SIZE, crop: "none", pad: 0, augment: [] };

test("an epoch of many images that are not cached comes from instances too, which the next epoch finds open", LONG, async () => {
  const [seen, part, items] = [watchWorkers(), await openPart(2), itemsOf(300)];
  const first = async (images: number, epoch: number): Promise<unknown> => {
    const order = Array.from({ length: images }, (_, i) => i);
    const found: unknown[] = [];
    for await (const { input } of imageBatches({ items, spec, frozen: part, batchSize: 60, seed: 1 }, order, epoch, "augment", true))
      found.push(input.data);
    return found[0];
  };
  const few = await first(60, 0);
  expect(seen.started).toEqual([]);
  expect(await first(300, 0)).toEqual(few);
  expect(await first(300, 1)).toEqual(few);
  expect(seen.started).toHaveLength(2);
  expect(seen.runs).toBe((2 * 300) / 4);
});

test("what is cached of many images comes from instances, and ends with the batch in which it is aborted", LONG, async () => {
  const items = itemsOf(320);
  const rows = 64;
  const store = { chunkRows: rows, rowsOf: (chunk: number): [number, number] => [rows * chunk, rows * (chunk + 1)] };
  const stop = new AbortController();
  const seen = watchWorkers((_, run) => {
    // In the middle of the third batch.
    if (run === 2 * (rows / 4) + 5) stop.abort(new Error("enough"));
  });
  const part = await openPart(2);
  const found: Float32Array[] = [];
  const all = async () => {
    for await (const { values } of computeChunks({ items, spec, frozen: part, signal: stop.signal }, store, [0, 1, 2, 3, 4]))
      found.push(values);
  };
  await expect(all()).rejects.toThrow("enough");
  expect(seen.started).toHaveLength(2);
  expect(seen.runs).toBe(3 * (rows / 4));
  const other = await openPart(2);
  for (const chunk of [0, 1])
    for await (const { values } of computeChunks({ items, spec, frozen: other }, store, [chunk])) expect(found[chunk]).toEqual(values);
  expect(seen.runs).toBe(3 * (rows / 4));
  // Few of many.
  for await (const { values } of computeChunks({ items, spec, frozen: part, images: 320 }, store, [0])) expect(found[0]).toEqual(values);
  expect(seen.runs).toBe(4 * (rows / 4));
});

test("a page that may use one core encodes no model for instances, and starts none", async () => {
  const [seen, warnings] = [watchWorkers(), warningsOfTest()];
  const part = await openPart(1);
  await part.run(pixels(), MANY);
  expect(modelOf).not.toHaveBeenCalled();
  expect(seen.started).toEqual([]);
  expect(warnings).toEqual([]);
});

test("if there is no memory for the model of the instances, the page's own session computes, and a warning says why", async () => {
  const [seen, warnings] = [watchWorkers(), warningsOfTest()];
  const [part, batch] = [await openPart(2), pixels()];
  vi.mocked(modelOf).mockRejectedValueOnce(new RangeError("Array buffer allocation failed"));
  const few = await part.run(batch);
  expect((await part.run(batch, MANY)).data).toEqual(few.data);
  expect((await part.run(batch, MANY)).data).toEqual(few.data);
  expect(warnings).toEqual([expect.stringContaining("Array buffer allocation failed")]);
  await part.release();
  expect(seen.started).toEqual([]);
  await expect(part.run(batch)).rejects.toThrow("released");
});

test("a release in the middle of a batch ends it, without the page's own session", async () => {
  const warnings = warningsOfTest();
  let releasing: Promise<void> | undefined;
  const seen = watchWorkers((_, n) => {
    if (n === 3) releasing = part.release();
  });
  const part = await openPart(2);
  await expect(part.run(pixels(), MANY)).rejects.toThrow("The instances of the engine have been released");
  await releasing;
  expect([seen.started.length, seen.ended]).toEqual([2, 2]);
  expect(warnings).toEqual([]);
});

test("no instance starts for many images that come after a release, or while one waits", async () => {
  const [seen, batch] = [watchWorkers(), pixels()];
  const released = await openPart(2);
  await released.release();
  await expect(released.run(batch, MANY)).rejects.toThrow("The frozen part has been released");
  expect(modelOf).not.toHaveBeenCalled();
  const opening = await openPart(2);
  const run = opening.run(batch, MANY);
  const releasing = opening.release();
  await expect(run).rejects.toThrow("The frozen part has been released");
  await releasing;
  expect(seen.started).toEqual([]);
});

test("if the second instance cannot start, the first ends", async () => {
  const warnings = warningsOfTest();
  const [part, batch] = [await openPart(2), pixels()];
  let [started, ended] = [0, 0];
  vi.stubGlobal(
    "Worker",
    class extends Worker {
      constructor(...options: ConstructorParameters<typeof Worker>) {
        if (started > 0) throw new Error("no more workers");
        super(...options);
        started++;
      }
      override terminate(): void {
        ended++;
        super.terminate();
      }
    },
  );
  expect((await part.run(batch, MANY)).data).toEqual((await part.run(batch)).data);
  expect([started, ended]).toEqual([1, 1]);
  expect(warnings).toEqual([expect.stringContaining("no more workers")]);
});

test.each([
  ["dies", "out of memory", (worker: Worker) => worker.dispatchEvent(new ErrorEvent("error", { message: "out of memory" }))],
  [
    "cannot compute",
    "bad allocation",
    (worker: Worker) => worker.onmessage?.(new MessageEvent("message", { data: { error: "bad allocation" } })),
  ],
])(
  "if an instance %s in the middle of a batch, the page's own session computes what is left, and a warning says why",
  async (_, reason, upset) => {
    const warnings = warningsOfTest();
    const seen = watchWorkers((worker, n) => {
      if (n === 3) upset(worker);
    });
    const [part, batch] = [await openPart(2), pixels()];
    const many = await part.run(batch, MANY);
    expect([seen.started.length, seen.ended]).toEqual([2, 2]);
    expect(many.data).toEqual((await part.run(batch)).data);
    const { runs } = seen;
    await part.run(batch, MANY);
    expect([seen.started.length, seen.runs]).toEqual([2, runs]);
    expect(warnings).toEqual([expect.stringContaining(reason)]);
  },
);

test.each([
  ["cannot be loaded", "their worker cannot be loaded", () => new URL("/no-such-worker.js", location.href)],
  ["are forbidden", "Failed to construct 'Worker'", () => "http://["],
])("where workers %s, the page's own session computes, and a warning says why", async (_, reason, address) => {
  const warnings = warningsOfTest();
  vi.stubGlobal(
    "Worker",
    class extends Worker {
      constructor() {
        super(address(), { type: "module" });
      }
    },
  );
  const [part, batch] = [await openPart(2), pixels()];
  expect((await part.run(batch, MANY)).data).toEqual((await part.run(batch)).data);
  expect(warnings).toEqual([expect.stringContaining(reason)]);
});
