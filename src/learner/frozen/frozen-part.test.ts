// The frozen part on batches of any size.

import { expect, onTestFinished, test, vi } from "vitest";
import { engine } from "#engine";
import { makeWeights, tiny } from "../../../test/learner/tiny.ts";
import { randomStream } from "../../core/random.ts";
import type { Tensor } from "../../core/tensor.ts";
import { startParameters } from "../models/pretrained.ts";
import { networkOf } from "../network.ts";
import { type FrozenPart, openFrozenPart } from "./frozen-part.ts";

const SIZE = 32;
const EACH = SIZE * SIZE * 3;

async function openBody(threads: number): Promise<FrozenPart> {
  const network = networkOf(tiny, { hidden: [8], ps: [0, 0] }, 2);
  const parameters = await startParameters(network, { weights: await makeWeights(), seed: 1 });
  return openFrozenPart({ stages: tiny.body, parameters, size: SIZE, normalization: tiny, session: { threads } });
}

function pixels(count: number): Tensor<"uint8"> {
  const random = randomStream("pixels");
  return { type: "uint8", shape: [count, SIZE, SIZE, 3], data: Uint8Array.from({ length: count * EACH }, () => random.integer(0, 255)) };
}

test.each([1, 4, 9, 64])(
  "an image has the same activations, to the bit, alone and in a batch of %i, which goes through in slices",
  async (count) => {
    const [part, batch] = [await openBody(1), pixels(count)];
    const all = await part.run(batch);
    expect(all.shape).toEqual([count, ...part.itemShape]);
    const size = all.data.length / count;
    for (const image of new Set([0, Math.floor(count / 2), count - 1])) {
      const one = { ...batch, shape: [1, SIZE, SIZE, 3], data: batch.data.subarray(image * EACH, (image + 1) * EACH) };
      expect((await part.run(one)).data).toEqual(all.data.slice(image * size, (image + 1) * size));
    }
    await part.release();
  },
);

/** The sessions that open during the test. */
function watchOpenings() {
  const spy = vi.spyOn(engine, "open");
  onTestFinished(() => spy.mockRestore());
  return spy;
}

test("a session opens with the first run, once, and none for a part that only says what it computes", async () => {
  const part = await openBody(1);
  const opened = watchOpenings();
  expect(part.key).toMatch(/^[0-9a-f]{64}$/);
  expect(opened).not.toHaveBeenCalled();
  await Promise.all([part.run(pixels(1)), part.run(pixels(1))]);
  await part.run(pixels(2));
  expect(opened).toHaveBeenCalledOnce();
  await part.release();
  await expect(part.run(pixels(1))).rejects.toThrow("released");
  const unused = await openBody(1);
  await unused.release();
  expect(opened).toHaveBeenCalledOnce();
});

test("a session that cannot be opened fails the run, and neither the next nor the release", async () => {
  const [part, unused] = [await openBody(1), await openBody(1)];
  const opened = watchOpenings();
  for (const each of [part, unused]) {
    opened.mockRejectedValueOnce(new Error("no memory"));
    await expect(each.run(pixels(1))).rejects.toThrow("no memory");
  }
  expect((await part.run(pixels(1))).shape).toEqual([1, ...part.itemShape]);
  await Promise.all([part.release(), unused.release()]);
});
