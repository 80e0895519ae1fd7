// The gradient rules of reduce.ts against finite differences, and against values computed by hand at ties.

import fc from "fast-check";
import { expect, test } from "vitest";
import { distinctTensor, expectGradients, gradientsOf } from "../../../test/check-gradient.ts";
import { float32 } from "../../core/tensor.ts";

const reduction = fc.record({
  axes: fc.constantFrom<(readonly number[] | undefined)[]>([0], [1], [2], [0, 2], [-1, 0], [0, 1, 2], undefined),
  keepdims: fc.integer({ min: 0, max: 1 }),
});

test.each(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceL1", "ReduceL2"])(
  "the gradient of %s agrees with differences over any axes",
  async (op) => {
    await fc.assert(
      fc.asyncProperty(reduction, async ({ axes, keepdims }) => {
        await expectGradients({ x: distinctTensor([2, 3, 4], op) }, (graph, { x }) =>
          graph.add(op, [x, axes && graph.ints(axes)], { keepdims }),
        );
      }),
      { numRuns: 8 },
    );
  },
);

test("equal maxima share the gradient", async () => {
  const x = float32([3, 1, 3, 0, 2, 1], [2, 3]);
  const { gradients } = await gradientsOf(
    { x },
    (graph, { x }) => graph.add("ReduceMax", [x, graph.ints([1])], { keepdims: 0 }),
    float32([4, 6]),
  );
  expect([...(gradients.x?.data ?? [])]).toEqual([2, 0, 2, 0, 6, 0]);
});

test("the gradient of the norm of zeros is 0", async () => {
  const x = float32([0, 0, 3, 4], [2, 2]);
  const { gradients } = await gradientsOf(
    { x },
    (graph, { x }) => graph.add("ReduceL2", [x, graph.ints([1])], { keepdims: 0 }),
    float32([1, 5]),
  );
  expect(gradients.x).toBeAllClose(float32([0, 0, 3, 4], [2, 2]), 1e-6);
});
