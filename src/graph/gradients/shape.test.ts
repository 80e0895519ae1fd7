// The gradient rules of shape.ts against finite differences.

import fc from "fast-check";
import { expect, test } from "vitest";
import { expectGradients, gradientsOf, randomTensor } from "../../../test/check-gradient.ts";

const x = randomTensor([2, 3, 4], "x");

test("the gradients of reshaping operators agree with differences", async () => {
  await expectGradients({ x }, (graph, { x }) => {
    const reshaped = graph.add("Reshape", [x, graph.ints([4, -1])]);
    const flat = graph.add("Flatten", [graph.add("Unsqueeze", [reshaped, graph.ints([0, 2])])], { axis: 2 });
    return graph.add("Squeeze", [graph.add("Unsqueeze", [flat, graph.ints([1])]), graph.ints([1])]);
  });
});

test.each([[[0, 2, 1]], [[2, 0, 1]], [undefined]])("the gradient of Transpose by %j agrees with differences", async (perm) => {
  await expectGradients({ x }, (graph, { x }) => graph.add("Transpose", [x], { perm }));
});

test.each([0, 1, -1])("the gradients of Concat along axis %d agree with differences", async (axis) => {
  const at = axis < 0 ? 2 : axis;
  const other = randomTensor(
    x.shape.map((size, i) => (i === at ? 2 : size)),
    "other",
  );
  await expectGradients({ x, other }, (graph, { x, other }) => graph.add("Concat", [x, other, x], { axis }));
});

test("the gradient of Slice agrees with differences for any start, end and step", async () => {
  const range = fc.record({
    axis: fc.constantFrom(1, 2, -1),
    start: fc.integer({ min: -5, max: 5 }),
    end: fc.integer({ min: -6, max: 6 }),
    step: fc.constantFrom(1, 2, 3, -1, -2),
  });
  await fc.assert(
    fc.asyncProperty(range, async ({ axis, start, end, step }) => {
      const size = axis === 1 ? 3 : 4;
      const places = Array.from({ length: size }, (_, i) => i).slice(...(step > 0 ? [start, end] : [end, start]));
      fc.pre(places.length > 1);
      await expectGradients({ x }, (graph, { x }) =>
        graph.add("Slice", [x, graph.ints([start]), graph.ints([end]), graph.ints([axis]), graph.ints([step])]),
      );
    }),
    { numRuns: 20 },
  );
});

test("the gradient of Slice over several axes agrees with differences", async () => {
  await expectGradients({ x }, (graph, { x }) =>
    graph.add("Slice", [x, graph.ints([1, 3]), graph.ints([2, -9]), graph.ints([1, 2]), graph.ints([1, -2])]),
  );
  await expectGradients({ x }, (graph, { x }) => graph.add("Slice", [x, graph.ints([0, 1]), graph.ints([1, 3])]));
});

test.each([
  ["constant", [0, 1, 2, 0, 0, 1]],
  ["constant", [0, -1, 2, 0, 1, -2]],
  ["reflect", [0, 1, 2, 0, 2, 3]],
  ["reflect", [1, 0, 0, 0, 1, 0]],
] as const)("the gradient of Pad with %s margins %j agrees with differences", async (mode, pads) => {
  await expectGradients({ x }, (graph, { x }) => graph.add("Pad", [x, graph.ints(pads)], { mode }));
});

test("the gradient of Pad over named axes agrees with differences", async () => {
  await expectGradients({ x }, (graph, { x }) =>
    graph.add("Pad", [x, graph.ints([1, 2]), undefined, graph.ints([-1])], { mode: "reflect" }),
  );
});

test("the gradient of Pad with edge margins does not exist", async () => {
  await expect(
    gradientsOf({ x }, (graph, { x }) => graph.add("Pad", [x, graph.ints([0, 0, 1, 0, 0, 1])], { mode: "edge" })),
  ).rejects.toThrow(/exists for mode "constant" and "reflect", not "edge"/);
});

test("the gradient of Expand is summed over repeated elements", async () => {
  await expectGradients({ x: randomTensor([3, 1], "x") }, (graph, { x }) => graph.add("Expand", [x, graph.ints([2, 3, 4])]));
});
