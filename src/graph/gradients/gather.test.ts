// The gradient rule of gather.ts against finite differences, and against values computed by hand.

import { expect, test } from "vitest";
import { expectGradients, gradientsOf, randomTensor } from "../../../test/check-gradient.ts";
import { float32, type Tensor } from "../../core/tensor.ts";

const indices: Tensor<"int64"> = { type: "int64", shape: [2, 2], data: BigInt64Array.of(2n, 0n, -1n, 2n) };

test.each([0, 1, -1])("the gradient of Gather along axis %d agrees with differences, whatever the shape of the indices", async (axis) => {
  await expectGradients({ x: randomTensor([3, 4, 3], "x") }, (graph, { x }) => graph.add("Gather", [x, graph.constant(indices)], { axis }));
});

test("a row that is selected twice gets both gradients, one that is not selected gets none", async () => {
  const { gradients } = await gradientsOf(
    { x: float32([1, 2, 3]) },
    (graph, { x }) => graph.add("Gather", [x, graph.ints([2, 0, 2])]),
    float32([1, 10, 100]),
  );
  expect([...(gradients.x?.data ?? [])]).toEqual([10, 0, 101]);
});

test("a scalar index removes the axis", async () => {
  await expectGradients({ x: randomTensor([3, 4], "x") }, (graph, { x }) =>
    graph.add("Gather", [x, graph.constant({ ...indices, shape: [], data: BigInt64Array.of(1n) })], { axis: 1 }),
  );
});
