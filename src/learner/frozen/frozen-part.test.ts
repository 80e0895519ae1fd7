// The frozen part on batches of any size.

import { expect, test } from "vitest";
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
