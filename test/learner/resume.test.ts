// When a checkpoint of a fit is taken up, and when it is refused.

import { readFile, rm, writeFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { adam, adamW, type Callback, ConvLearner, ema, type FitOptions, type LearnerOptions, sgd } from "../../src/index.ts";
import { checkpoint, data, outcomeOf, prepareFits, type Work, weights } from "./outcomes.ts";
import { makeWeights, tiny } from "./tiny.ts";

beforeAll(prepareFits);

describe("a checkpoint", () => {
  const work: Work = (learner, options) => learner.fit(0.01, 1, options);

  test("of a fit with other settings is refused", async () => {
    await rm(checkpoint, { force: true });
    const kept = { optimizer: adam() };
    const whole = await outcomeOf(work, kept, { keep: true });
    const others: readonly (readonly [Partial<LearnerOptions>, FitOptions?])[] = [
      [{ seed: 8 }],
      [{ weights: await makeWeights("other weights") }],
      [{ labelSmoothing: 0.1 }],
      [{ metrics: { two: () => 2 } }],
      [{ optimizer: sgd() }],
      [{ optimizer: adam({ beta1: 0.8 }) }],
      [{ optimizer: adam({ beta2: 0.99 }) }],
      [{ optimizer: adam({ epsilon: 1e-5 }) }],
      [{}, { useWdSched: true, wds: 0 }],
      [{}, { best: true }],
      [{}, { monitor: "validLoss" }],
      [{}, { validateSkip: 1 }],
      [{}, { useSwa: true }],
    ];
    for (const [learnerOptions, fitOptions] of others) {
      const other: Work = (learner, options) => learner.fit(0.01, 1, { ...options, ...fitOptions });
      await expect(outcomeOf(other, { ...kept, ...learnerOptions }, { keep: true })).rejects.toMatchObject({
        name: "UsageError",
        message: `${checkpoint} is the checkpoint of another fit`,
        hint: expect.stringContaining("delete the file"),
      });
    }
    expect(await outcomeOf(work, kept, { keep: true })).toEqual(whole);
  });

  test("goes on with the very learner that was stopped, whose weights and data are those from before, in a second phase too", async () => {
    await rm(checkpoint, { force: true });
    const phases = [
      { epochs: 0.5, lr: 1e-2 },
      { epochs: 1, lr: 1e-3, optimizer: adamW(), data: await data.withSize(24) },
    ];
    const [whole, stopped] = await Promise.all([1, 2].map(() => ConvLearner.pretrained(tiny, data, { weights, seed: 7 })));
    await whole?.fitPhases(phases);
    const before = stopped?.parameters;
    for (const stopAt of [4, 2]) {
      const stop = new AbortController();
      let steps = 0;
      const counter: Callback = { onBatchEnd: () => void (++steps === stopAt && stop.abort(new Error("stopped"))) };
      const options = { checkpoint, checkpointSeconds: 0, callbacks: [counter], signal: stop.signal };
      await expect(stopped?.fitPhases(phases, options)).rejects.toThrow("stopped");
      expect(stopped?.parameters).toBe(before);
      expect(stopped?.data).toBe(data);
    }
    await stopped?.fitPhases(phases, { checkpoint });
    expect(stopped?.parameters).toEqual(whole?.parameters);
    expect(stopped?.data.size).toBe(24);
  });

  test("that is damaged is refused", async () => {
    await rm(checkpoint, { force: true });
    await outcomeOf(work, {}, { keep: true });
    await writeFile(checkpoint, (await readFile(checkpoint)).subarray(0, 1000));
    await expect(outcomeOf(work, {}, { keep: true })).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringContaining(checkpoint),
    });
  });

  /** The checkpoint's JSON, changed; safetensors have it as text in their header. */
  async function rewritten(change: (text: string) => string): Promise<void> {
    const bytes = await readFile(checkpoint);
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
    header.__metadata__["thaw fit"] = change(header.__metadata__["thaw fit"]);
    const json = Buffer.from(JSON.stringify(header));
    const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, " ");
    json.copy(padded);
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(padded.length));
    await writeFile(checkpoint, Buffer.concat([size, padded, bytes.subarray(8 + length)]));
  }

  const withValues = (change: (values: { [key: string]: never }) => unknown) => (text: string) => {
    const values = JSON.parse(text);
    change(values);
    return JSON.stringify(values);
  };

  test.each<[string, (text: string) => string, RegExp]>([
    ["an opening brace", () => "{", /is not JSON/],
    ["random characters", () => "\u0001\ud800%\u0000[[", /is not JSON|nests|values/],
    ["a list", () => "[]", /thaw fit|version/],
    ["nested lists", () => "[".repeat(1000), /nests lists/],
    ["steps that are no number", withValues((values) => Object.assign(values, { steps: "7" })), /steps: /],
    ["callbacks that are no list", withValues((values) => Object.assign(values, { callbacks: {} })), /callbacks/],
    ["results without a loss", withValues((values) => Object.assign(values.progress!, { results: [{ epoch: 1 }] })), /progress\.results/],
    [
      "a recorder's state of another type",
      withValues((values) => Object.assign(values.callbacks!, { 0: { lrs: "x" }, 1: { lrs: "x" }, 2: { lrs: "x" } })),
      /the state of its callback \d/,
    ],
  ])("whose JSON is %s is refused in a sentence", async (_, change, reason) => {
    await rm(checkpoint, { force: true });
    await outcomeOf(work, {}, { keep: true });
    await rewritten(change);
    await expect(outcomeOf(work, {}, { keep: true })).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringMatching(reason),
      hint: "Delete it; the fit then starts over.",
    });
  });

  test("keeps losses that are not numbers, and averages of weights", async () => {
    await rm(checkpoint, { force: true });
    const average = ema();
    const diverging: Work = (learner, { callbacks = [], ...options }) =>
      learner.fit(1e30, 2, { ...options, callbacks: [...callbacks, average] });
    const whole = await outcomeOf(diverging, {}, { keep: false });
    const averaged = average.parameters;
    await expect(outcomeOf(diverging, {}, { stopAt: 5, keep: true })).rejects.toThrow("stopped");
    expect(await outcomeOf(diverging, {}, { keep: true })).toEqual(whole);
    expect(whole.results.at(-1)?.validLoss).toBeNaN();
    expect(average.parameters).toEqual(averaged);
  });
});
